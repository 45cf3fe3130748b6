-- ends: 0
do local i = 1 ::a:: i = i + 1 if i < 10 then goto a end assert(i == 10) end
