#!/bin/bash
# C6: as C3 with rural points.
exec "$(dirname "$0")/C3-water-sections.sh" rural
