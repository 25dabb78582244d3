# What an administrator writes in a minute to count causes by user and device in an IIS log: the peer of easbot explain.
/^#Fields:/ {
  for (i = 2; i <= NF; i++) {
    if ($i == "cs-uri-query") query = i - 1
    if ($i == "sc-status") status = i - 1
  }
  next
}
/^#/ { next }
index($query, "DeviceId=") {
  requests++
  user = device = cause = ""
  n = split($query, part, "&")
  for (i = 1; i <= n; i++) {
    if (substr(part[i], 1, 5) == "User=") user = substr(part[i], 6)
    else if (substr(part[i], 1, 9) == "DeviceId=") device = substr(part[i], 10)
    else if (substr(part[i], 1, 4) == "Log=") {
      m = split(substr(part[i], 5), token, "_")
      for (j = 1; j <= m; j++) {
        if (substr(token[j], 1, 6) == "Error:") cause = token[j]
        else if (cause == "" && (substr(token[j], 1, 10) == "As:Blocked" || substr(token[j], 1, 8) == "As:Quara")) cause = token[j]
      }
    }
  }
  if (cause == "" && $status >= 400) cause = $status
  if (cause != "") count[cause " " user " " device]++
}
END {
  print requests " requests"
  for (key in count) print count[key], key
}
