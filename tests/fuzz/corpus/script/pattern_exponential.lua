-- ends: ETIMEOUT
-- the one that ran 15.8 s without one call of a count hook
return string.find(("a"):rep(28), ("a?"):rep(28) .. ("a"):rep(28))
