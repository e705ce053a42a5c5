-- A new JSON body in every request: wrk -s post.lua URL -- /path
local n, head = 0, nil

function init(args)
  head = "POST " .. args[1] .. " HTTP/1.1\r\nHost: " .. wrk.headers["Host"]
    .. "\r\nContent-Type: application/json\r\nContent-Length: "
end

function request()
  n = n + 1
  local body = '{"name":"guest' .. n .. '","amount":12.5,"tags":["a","b"]}'
  return head .. #body .. "\r\n\r\n" .. body
end
