# Row 19 with the record in PostgreSQL.
SS_FAULT_ENGINE=pgsql
. "$(dirname "$0")/19_exchange.sh"
