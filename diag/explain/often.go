package explain

import "strings"

// What several lines of one device say together, or one line by what it does not hold.

// often is how many equal requests of one device are a loop.
const often = 5

// oftenLimit is how many different requests of one text are counted.
const oftenLimit = 1_000

// together reads what a request says beside its tokens and its status.
func (s *search) together(r request) {
	if strings.HasSuffix(r.user, "$") && r.device == "" {
		s.hit(s.book.exact[key{SourceIIS, "user:$"}], 0)
	}
	sync, folder, judged := "", "", false
	for _, t := range r.tokens {
		switch {
		case strings.HasPrefix(t, "As:"):
			judged = true
		case strings.HasPrefix(t, "Fid"):
			folder = t
		case strings.HasPrefix(t, "Sk"):
			sync = strings.TrimPrefix(strings.TrimPrefix(t, "Sk"), ":")
		}
	}
	if !judged {
		s.hit(s.book.exact[key{SourceIIS, strings.ToLower("cmd:" + r.command + ":" + r.http)}], byState)
	}
	switch {
	case r.command == "Sync" && sync == "0":
		s.count("syncKey0", r, "")
	case r.command == "Sync" && isNumber(sync):
		s.count("syncKey", r, folder+"_"+sync)
	case r.command == "MeetingResponse" && strings.EqualFold(r.kind, "iPhone"):
		s.count("meetingResponse", r, "")
	}
}

// count hits the row of a loop when one device has done the same often enough.
func (s *search) count(what string, r request, more string) {
	if s.often == nil {
		s.often = map[[4]string]int{}
	}
	k := [4]string{what, r.user, r.device, more}
	if len(s.often) >= oftenLimit && s.often[k] == 0 {
		return
	}
	if s.often[k]++; s.often[k] == often {
		s.hit(s.book.exact[key{SourceIIS, strings.ToLower("often:" + what)}], byState)
	}
}

// part follows a pasted mailbox log: who asked for a change of an item, the phone in its request or the server in its answer.
func (s *search) part(text []word, i int) {
	switch w := text[i].plain; w {
	case "requestbody", "responsebody":
		s.body = w
	case "add", "change", "delete":
		if s.body != "" && i+1 < len(text) && (text[i+1].plain == "serverid" || text[i+1].plain == "clientid") {
			s.hit(s.book.exact[key{SourcePhrase, s.body + " " + w}], 0)
		}
	case "bytes":
		if i+1 < len(text) && text[i+1].before == `="` && isNumber(text[i+1].plain) {
			s.hit(s.book.exact[key{SourcePhrase, "bytes="}], 0)
		}
	}
}
