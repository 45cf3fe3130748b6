-- ends: 0
for _, name in ipairs { "load", "loadstring", "loadfile", "dofile", "require", "package", "io", "os", "debug",
	"collectgarbage", "print", "coroutine", "setmetatable", "getmetatable", "rawget", "rawset", "rawequal",
	"rawlen", "xpcall", "_G", "warn", "module_", "newproxy", "getfenv", "setfenv", "jit", "ffi" } do
	assert(_ENV[name] == nil, name)
end
for _, name in ipairs { "dump", "pack", "unpack", "packsize" } do assert(string[name] == nil, name) end
assert(("x").dump == nil)
assert(math.random == nil and math.randomseed == nil)
