-- Prints the number of answers at every step: wrk -s count.lua URL -- /path step same|distinct
local sent, answered, step, distinct, head, tail, fixed = 0, 0, 0, false, nil, nil, nil

function init(args)
  step = tonumber(args[2])
  distinct = args[3] == "distinct"
  head = "GET " .. args[1]
  tail = " HTTP/1.1\r\nHost: " .. wrk.headers["Host"] .. "\r\n\r\n"
  fixed = head .. tail
end

function request()
  if not distinct then return fixed end
  sent = sent + 1
  return head .. "?n=" .. sent .. tail
end

function response(status, headers, body)
  answered = answered + 1
  if answered % step == 0 then
    io.write("answered ", answered, "\n")
    io.flush()
  end
end
