-- Whether a row of the spool has been taken already. $1 its id
select seq from audit where via = 'cli' and request = $1
