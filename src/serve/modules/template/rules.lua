-- 事件与定时：与引发它的那一步同在一个事务里。Events and schedules, in the transaction of what caused them.
on("thing.saved:@NAME@", function(e)
	if e.op == "create" then
		notify {
			to = { role = "duty_city", area = e.record.admin_area },
			title = { zh = "新的@ZH@：" .. e.record.name, en = "New: " .. e.record.name },
			link = "/things/@NAME@/" .. e.id,
		}
	end
end)

every "look_again" {
	"daily 06:00",
	function(e)
		for _, r in ipairs(things.find { type = "@NAME@", filter = { { field = "closed_on", op = "null", value = true } }, limit = 100 }) do
			things.put { type = "@NAME@", id = r.id, set = { seen = e.at } }
		end
	end,
}
