-- A new last path segment in every request: wrk -s ids.lua URL -- /path/
local n, head, tail = 0, nil, nil

function init(args)
  head = "GET " .. args[1]
  tail = " HTTP/1.1\r\nHost: " .. wrk.headers["Host"] .. "\r\n\r\n"
end

function request()
  n = n + 1
  return head .. n .. tail
end
