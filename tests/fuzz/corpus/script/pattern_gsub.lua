-- ends: ETIMEOUT
return (("a"):rep(100000):gsub(".-b", ""))
