# Row 17 with the record in PostgreSQL.
SS_FAULT_ENGINE=pgsql
. "$(dirname "$0")/17_backup.sh"
