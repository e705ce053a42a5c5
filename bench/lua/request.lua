-- The same request again and again: wrk -s request.lua URL -- METHOD /path body "Name: value" …
local message = nil

function init(args)
  local head = args[1] .. " " .. args[2] .. " HTTP/1.1\r\nHost: " .. wrk.headers["Host"]
  for number = 4, #args do
    head = head .. "\r\n" .. args[number]
  end
  if #args[3] > 0 then
    head = head .. "\r\nContent-Type: application/json\r\nContent-Length: " .. #args[3]
  end
  message = head .. "\r\n\r\n" .. args[3]
end

function request()
  return message
end
