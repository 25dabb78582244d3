package explain

import "strings"

// What several lines of one pasted text say together, or one line by what it does not hold. Counter follows phones
// through whole files.

// loopLength is how many equal requests of one device are a loop in a pasted text.
const loopLength = 5

// commandLength is the same for a command that a phone may also repeat now and then.
const commandLength = 12

// differentRequests is how many different requests of one text are counted.
const differentRequests = 1_000

// countRequest reads what a request says beside its tokens and its status.
func (s *search) countRequest(r logRequest) {
	if strings.HasSuffix(r.user, "$") && r.device == "" {
		s.noteRow(s.table.rowOf[patternKey{SourceIIS, "user:$"}], 0)
	}
	sync, folder, judged := "", "", false
	for _, t := range r.tokens {
		key, isKey := syncKeyOf(t)
		switch {
		case strings.HasPrefix(t, "As:"):
			judged = true
		case strings.HasPrefix(t, "Fid"):
			folder = t
		case isKey:
			sync = key
		}
	}
	if !judged {
		s.noteRow(s.table.rowOf[patternKey{SourceIIS, strings.ToLower("cmd:" + r.command + ":" + r.http)}], byState)
	}
	switch {
	case r.command == "Sync" && sync == "0":
		s.countRepeated("syncKey0", r, "")
	case r.command == "Sync" && sync != "":
		s.countRepeated("syncKey", r, folder+"_"+sync)
	case r.command == "MeetingResponse" && strings.EqualFold(r.kind, "iPhone"):
		s.countRepeated("meetingResponse", r, "")
	case r.command == "FolderSync" && r.http == "200":
		s.countRepeated("command", r, "")
	case r.http == "449":
		s.countRepeated("policy", r, "")
	}
}

// countRepeated notes the row of a loop when one device has done the same often enough.
func (s *search) countRepeated(what string, r logRequest, more string) {
	if s.repeated == nil {
		s.repeated = map[[4]string]int{}
	}
	k := [4]string{what, r.user, r.device, more}
	if len(s.repeated) >= differentRequests && s.repeated[k] == 0 {
		return
	}
	most := loopLength
	if what == "command" {
		most = commandLength
	}
	if s.repeated[k]++; s.repeated[k] == most {
		s.noteRow(s.table.rowOf[patternKey{SourceIIS, strings.ToLower("often:" + what)}], byError)
	}
}

// followMailboxLog follows a pasted mailbox log: who asked for a change of an item, the phone in its request or the
// server in its answer.
func (s *search) followMailboxLog(text []word, i int) {
	switch w := text[i].plain; w {
	case "requestbody", "responsebody":
		s.logPart = w
	case "add", "change", "delete":
		if s.logPart != "" && i+1 < len(text) && (text[i+1].plain == "serverid" || text[i+1].plain == "clientid") {
			s.noteRow(s.table.rowOf[patternKey{SourcePhrase, s.logPart + " " + w}], 0)
		}
	case "bytes":
		if i+1 < len(text) && text[i+1].before == `="` && isNumber(text[i+1].plain) {
			s.noteRow(s.table.rowOf[patternKey{SourcePhrase, "bytes="}], 0)
		}
	}
}
