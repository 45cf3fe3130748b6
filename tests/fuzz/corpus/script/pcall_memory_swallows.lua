-- ends: ETOOBIG
while true do
	pcall(function() local t = {} for i = 1, 1e9 do t[i] = { 1, 2, 3, 4 } end end)
end
