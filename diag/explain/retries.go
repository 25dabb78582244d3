package explain

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"easbot/internal/eas"
)

// A request alone does not say whether something is wrong: the first one of a phone gets 401 and the next one works; a
// new phone gets 449, takes the policy and works. So what can be normal waits until the phone's next requests show
// whether it was. What a phone repeats without anything new is a loop.

// phoneState is what is known of one phone.
type phoneState struct {
	weight     int64 // how much it would cost to forget the phone
	refused    waiting
	policy     waiting
	provisions int64 // how often it asked for the policy meanwhile
	runs       []run
}

// waiting are requests of which it is not yet known whether they are normal.
type waiting struct {
	phone followedPhone
	count int64
}

// run is the same request again and again.
type run struct {
	what, place, key string
	count            int64
	first, last      int64
}

// loopKey is a phone that loops, and how.
type loopKey struct {
	row                *Row
	user, device, kind string
	command            string
	cause              *Row // what each request got, when that is a cause of its own
}

type loopCount struct{ count, first, last int64 }

// Loop is a phone that does the same again and again with nothing new between.
type Loop struct {
	Code    string  `json:"code"`
	Pattern string  `json:"pattern"`
	Cause   string  `json:"cause,omitempty"` // the code of what it gets each time
	User    string  `json:"user"`
	Device  string  `json:"device_id"`
	Type    string  `json:"device_type,omitempty"`
	Command string  `json:"command"`
	Count   int64   `json:"count"`
	First   string  `json:"first,omitempty"`
	Last    string  `json:"last,omitempty"`
	PerHour float64 `json:"per_hour,omitempty"`
}

const (
	// repeatsOfLoop is how many equal requests of one phone are a loop.
	repeatsOfLoop = 10
	// repeatsUnplaced is the same where the log does not name the folder, which differs from request to request.
	repeatsUnplaced = 40
	// runsOfPhone is how many different requests of one phone are followed.
	runsOfPhone = 16
	// normalRefusals is how many answers 401 in a row are how a phone logs on.
	normalRefusals = 2
	// normalPolicies is how many commands at a time a phone is asked to take the policy for.
	normalPolicies = 4
)

// longestPause is what may lie between two equal requests of a loop, in seconds. A phone that asks for new mail each
// few minutes and gets none repeats its key, and is fine.
var longestPause = map[string]int64{
	"SyncKey": 150, "SyncKey0": 3600, "MeetingResponse": 3600, "Policy": 3600, "Answer": 600, "Command": 150,
}

// settle counts the cause of a request, unless it can be normal: then it waits for what the phone does next.
func (c *Counter) settle(r logRequest, cause, policy *Row) {
	name := cmp.Or(r.device, r.user, r.address)
	if name == "" {
		if cause != nil {
			c.countCause(followedPhone{row: cause}, 1)
		}
		return
	}
	s, phone := c.states[name], followedPhone{row: cause, user: r.user, device: r.device, kind: r.kind}
	taking := r.command == "Provision" && policy != nil && (r.http == "" || r.http[0] == '2')
	switch {
	case taking:
		s = c.stateOf(name)
		s.provisions++
	case policy != nil && (cause == nil || cause == policy):
		s = c.stateOf(name)
		phone.row = policy
		c.wait(&s.policy, phone)
		c.repeat(s, r, run{what: "Policy", key: "policy"}, nil)
	case cause != nil && isChallenge(r, cause):
		c.wait(&c.stateOf(name).refused, phone)
	case cause != nil:
		c.countCause(phone, 1)
		c.repeat(c.stateOf(name), r, run{what: "Answer", place: r.command, key: r.http + cause.Pattern}, cause)
	default:
		c.settleSuccess(s, r)
		c.followKeys(name, r)
	}
}

// settleSuccess drops what was normal: the phone works.
func (c *Counter) settleSuccess(s *phoneState, r logRequest) {
	if s == nil || r.http != "" && r.http[0] != '2' {
		return
	}
	if s.refused.count > normalRefusals {
		c.countCause(s.refused.phone, s.refused.count)
	}
	s.refused = waiting{}
	if r.command != "FolderSync" && r.command != "Provision" {
		s.endRun("Command")
	}
	switch r.command {
	case "Provision":
		s.provisions++
	case "OPTIONS", "":
	default:
		s.policy, s.provisions = waiting{}, 0
		s.endRun("Policy")
	}
	for i := range s.runs {
		if s.runs[i].what == "Answer" && s.runs[i].place == r.command {
			s.runs[i].count = 0
		}
	}
}

// isChallenge reports whether an answer only asks for the logon that the next request has: 401 without Windows having
// said that name or password is wrong.
func isChallenge(r logRequest, cause *Row) bool {
	if r.http != "401" || cause.Source != SourceHTTP && cause.Source != SourceProxy {
		return false
	}
	switch r.win32 {
	case "1326", "1327", "1328", "1329", "1330", "1331", "1793", "1907", "1909", "2148074252":
		return false
	}
	return true
}

// policyRow is the row that says that the phone must take the policy first; nil when the answer does not.
func (s *search) policyRow() *Row {
	var found *Row
	for _, row := range s.order {
		switch row.Code {
		case "policy-needed", "policy-changed", "policy-refresh":
			if found == nil {
				found = row
			}
		case "policy-not-met":
			if row.Pattern == "As:BlockedP" {
				found = row
			}
		}
	}
	return found
}

func (c *Counter) wait(w *waiting, p followedPhone) {
	if w.count == 0 {
		p.user, p.device, p.kind = strings.Clone(p.user), strings.Clone(p.device), strings.Clone(p.kind)
		w.phone = p
	}
	w.count++
}

// stateOf is what is known of a phone. When there is no room for another one, each loses a little of its weight and
// those without any are forgotten.
func (c *Counter) stateOf(name string) *phoneState {
	if s := c.states[name]; s != nil {
		return s
	}
	for len(c.states) >= Limit {
		maps.DeleteFunc(c.states, func(_ string, s *phoneState) bool {
			s.weight--
			if s.weight < 0 {
				for _, w := range s.pending() {
					c.countCause(w.phone, w.count)
				}
			}
			return s.weight < 0
		})
	}
	s := &phoneState{}
	c.states[strings.Clone(name)] = s
	return s
}

// followKeys follows the keys that a phone sends for each folder. A phone that is given something new gets a new key.
func (c *Counter) followKeys(name string, r logRequest) {
	switch {
	case r.command == "MeetingResponse" && strings.EqualFold(r.kind, "iPhone"):
		c.repeat(c.stateOf(name), r, run{what: "MeetingResponse"}, nil)
	case r.command == "FolderSync", r.command == "Provision":
		// A phone asks for these once, and then for what is in the folders.
		c.repeat(c.stateOf(name), r, run{what: "Command", key: r.command}, nil)
	case r.command == "Sync":
		folder := ""
		for _, t := range r.tokens {
			if strings.HasPrefix(t, "Fid") {
				folder = t
			}
			key, ok := syncKeyOf(t)
			switch {
			case !ok:
			case key == "0":
				c.repeat(c.stateOf(name), r, run{what: "SyncKey0", place: folder, key: key}, nil)
			default:
				c.repeat(c.stateOf(name), r, run{what: "SyncKey", place: folder, key: key}, nil)
			}
		}
	}
}

// syncKeyOf is the key of "Sk:881213" or "Sk881213".
func syncKeyOf(token string) (string, bool) {
	key, ok := strings.CutPrefix(token, "Sk")
	key = strings.TrimPrefix(key, ":")
	return key, ok && isNumber(key)
}

// repeat follows equal requests of a phone; from the tenth on they are a loop.
func (c *Counter) repeat(s *phoneState, r logRequest, next run, cause *Row) {
	at := s.findRun(next)
	again := at.count > 0 && at.key == next.key
	if pause := r.at - at.last; r.at != 0 && at.last != 0 && (pause > longestPause[next.what] || pause < -3600) {
		again = false
	}
	if !again {
		at.key, at.count, at.first = strings.Clone(next.key), 0, r.at
	}
	at.count++
	at.last = r.at
	s.weight = max(s.weight, at.count)
	most := int64(repeatsOfLoop)
	if at.place == "" && strings.HasPrefix(at.what, "SyncKey") {
		most = repeatsUnplaced
	}
	if at.count < most {
		return
	}
	n := int64(1)
	if at.count == most {
		n = most
	}
	c.countLoop(r, *at, n, cause)
	if at.what == "Policy" {
		s.policy = waiting{} // counted as the loop
	}
}

// findRun is the run of a kind at a place. Of too many the shortest one makes room.
func (s *phoneState) findRun(next run) *run {
	least := 0
	for i := range s.runs {
		if s.runs[i].what == next.what && s.runs[i].place == next.place {
			return &s.runs[i]
		}
		if s.runs[i].count < s.runs[least].count {
			least = i
		}
	}
	next.place, next.count = strings.Clone(next.place), 0
	if len(s.runs) < runsOfPhone {
		s.runs = append(s.runs, next)
		return &s.runs[len(s.runs)-1]
	}
	s.runs[least] = next
	return &s.runs[least]
}

func (s *phoneState) endRun(what string) {
	for i := range s.runs {
		if s.runs[i].what == what {
			s.runs[i].count = 0
		}
	}
}

// sameAnswer stands for a loop whose cause is what the phone is answered each time.
var sameAnswer = &Row{Source: SourceIIS, Pattern: "Often:Answer", Code: "phone-loops"}

// countLoop counts n requests of a loop.
func (c *Counter) countLoop(r logRequest, at run, n int64, cause *Row) {
	row := c.search.table.rowOf[patternKey{SourceIIS, strings.ToLower("often:" + at.what)}]
	if cause != nil {
		row = sameAnswer
	}
	key := loopKey{row: row, user: r.user, device: r.device, kind: r.kind, command: r.command, cause: cause}
	if at.what == "Policy" {
		key.command = ""
	}
	l := c.loops[key]
	if l == nil {
		for len(c.loops) >= Limit {
			maps.DeleteFunc(c.loops, func(_ loopKey, l *loopCount) bool {
				l.count -= repeatsOfLoop
				return l.count <= 0
			})
		}
		key.user, key.device, key.kind = strings.Clone(key.user), strings.Clone(key.device), strings.Clone(key.kind)
		key.command = strings.Clone(key.command)
		l = &loopCount{first: at.first}
		c.loops[key] = l
	}
	l.count += n
	l.last = at.last
}

// pending are the causes of this phone that nothing showed to be normal.
func (s *phoneState) pending() []waiting {
	var out []waiting
	if s.refused.count > 0 {
		out = append(out, s.refused)
	}
	// A phone that never asks for the policy does not take it, and one that takes it and is asked again is not let in.
	if n := s.policy.count; n > normalPolicies || n > 0 && s.provisions == 0 && (n > 1 || !s.policy.phone.row.Quiet) {
		out = append(out, s.policy)
	}
	return out
}

func (c *Counter) pending() []waiting {
	var out []waiting
	for _, s := range c.states {
		out = append(out, s.pending()...)
	}
	return out
}

// addLoops adds what loops: to the loops themselves, and, when the requests have no cause of their own, in front of
// the causes.
func (c *Counter) addLoops(t *Tally) {
	sums := map[*Row]*loopCount{}
	var causes, phones []Sum
	for key, l := range c.loops {
		loop := Loop{
			Code: key.row.Code, Pattern: key.row.Pattern, User: eas.Clean(key.user, factLimit),
			Device: eas.Clean(key.device, factLimit), Type: eas.Clean(key.kind, factLimit),
			Command: eas.Clean(key.command, factLimit), Count: l.count,
		}
		loop.First, loop.Last, loop.PerHour = l.times()
		if key.cause != nil {
			loop.Cause = key.cause.Code
			t.Loops = append(t.Loops, loop)
			continue
		}
		t.Loops = append(t.Loops, loop)
		t.Failed += l.count
		sum := newSum(followedPhone{key.row, key.user, key.device, key.kind}, l.count)
		sum.First, sum.Last, sum.PerHour = loop.First, loop.Last, loop.PerHour
		phones = append(phones, sum)
		if sums[key.row] == nil {
			sums[key.row] = &loopCount{}
		}
		sums[key.row].add(*l)
	}
	for row, l := range sums {
		sum := newSum(followedPhone{row: row}, l.count)
		sum.First, sum.Last, sum.PerHour = l.times()
		causes = append(causes, sum)
	}
	slices.SortFunc(causes, byCount)
	slices.SortFunc(phones, byCount)
	slices.SortFunc(t.Loops, func(a, b Loop) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Pattern, b.Pattern), cmp.Compare(a.User, b.User),
			cmp.Compare(a.Device, b.Device), cmp.Compare(a.Command, b.Command), cmp.Compare(a.Cause, b.Cause))
	})
	t.Causes, t.Phones = append(causes, t.Causes...), append(phones, t.Phones...)
}

func (l *loopCount) add(o loopCount) {
	l.count += o.count
	if l.first == 0 || o.first != 0 && o.first < l.first {
		l.first = o.first
	}
	l.last = max(l.last, o.last)
}

// times says since when, until when and how often an hour; less than an hour is not made more.
func (l *loopCount) times() (first, last string, perHour float64) {
	if l.first == 0 || l.last == 0 {
		return "", "", 0
	}
	first, last = formatMoment(l.first), formatMoment(l.last)
	if l.last > l.first {
		perHour = float64(int64(float64(l.count)*3600/float64(l.last-l.first)*10+0.5)) / 10
	}
	return first, last, perHour
}

func formatMoment(at int64) string { return time.Unix(at, 0).UTC().Format("2006-01-02T15:04:05Z") }
