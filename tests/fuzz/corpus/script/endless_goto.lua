-- ends: ETIMEOUT
::again:: goto again
