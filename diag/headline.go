package diag

import (
	"fmt"
	"strings"
	"time"

	"easbot/internal/eas"
	"easbot/internal/messages"
)

// writeHeadline is the answer in one plain sentence to the owner.
func (d *diagnosis) writeHeadline(v Verdict) message {
	first := d.chooseClauses(v)
	level := d.snapshot.Org.DefaultLevel
	switch {
	case first.key != "":
		return first
	case v == Unknown && len(d.devices) == 0 && d.options.Device != "" && d.snapshot.Devices.OK() &&
		d.worstHidden == OK:
		name := fmt.Sprintf("%q", eas.Clean(d.options.Device, 60))
		return message{"headline.no-such-phone", messages.Values{"name": name}}
	case v == Unknown:
		return message{key: "headline.unread"}
	case len(d.devices) == 0 && level.OK() && level.Value == eas.LevelQuarantine:
		return message{key: "headline.no-phone-quarantine"}
	case len(d.devices) == 0:
		return message{key: "headline.no-phone"}
	case len(d.devices) == 1:
		return message{"headline.phone-ok", messages.Values{"phone": d.phoneName(d.devices[0])}}
	default:
		return message{"headline.phones-ok", messages.Values{"count": len(d.devices)}}
	}
}

// chooseClauses picks what the headline says: the first cause of the verdict that is about the account, else the two
// worst phones and how many more. It is empty when no cause has anything to say.
func (d *diagnosis) chooseClauses(v Verdict) message {
	for _, f := range d.findings {
		if f.clause.key != "" && f.verdict == v && v != OK && f.Device == "" {
			return message{"headline.one", messages.Values{"first": f.clause}}
		}
	}
	if v == Unknown && d.worstHidden != OK {
		return message{} // what was not read matters more than a phone about which Exchange has not decided
	}
	clauses := d.clausesOfPhones(v)
	switch len(clauses) {
	case 0:
		return message{}
	case 1:
		return message{"headline.one", messages.Values{"first": clauses[0]}}
	case 2:
		return message{"headline.two", messages.Values{"first": clauses[0], "second": clauses[1]}}
	default:
		return message{"headline.more", messages.Values{
			"first": clauses[0], "second": clauses[1], "count": len(clauses) - 2,
		}}
	}
}

// clausesOfPhones is one clause for each phone that has a problem, the worst first; when none has, for each of which
// there is something good to say.
func (d *diagnosis) clausesOfPhones(v Verdict) []message {
	var clauses []message
	seen := map[string]bool{}
	for _, want := range []Verdict{Blocked, Quarantined, Unknown, OK} {
		for _, f := range d.findings {
			if f.clause.key == "" || f.Device == "" || f.verdict != want || seen[f.Device] || want == OK && v != OK {
				continue
			}
			seen[f.Device] = true
			clauses = append(clauses, f.clause)
		}
	}
	return clauses
}

// countsAsNew is how long a phone counts as new.
const countsAsNew = 30 * 24 * time.Hour

// phoneName is how a text names a device to its owner: "new iPhone", or with its name when the mailbox has two of a
// kind.
func (d *diagnosis) phoneName(dev eas.Device) message {
	kind := deviceKind(dev)
	values := messages.Values{"kind": kind.shown()}
	key := "phone.known"
	if start := firstSeen(dev); !start.IsZero() && d.options.Now.Sub(start) < countsAsNew {
		key = "phone.new"
	}
	twins, alike := 0, 0
	for _, other := range d.snapshot.Devices.Value {
		if other.IsProbe() || deviceKind(other) != kind {
			continue
		}
		twins++
		if other.ShortName() == dev.ShortName() {
			alike++
		}
	}
	if twins > 1 {
		if full := dev.ShortName(); full != kind.in(messages.English) && alike == 1 {
			key, values["name"] = key+"-named", full
		} else {
			key, values["ending"] = key+"-ending", lastFour(dev.ID)
		}
	}
	return message{key, values}
}

// phoneKind is what people call such a device: a word that is the same everywhere, or the key of one that is not.
type phoneKind struct{ word, key string }

// shown is the kind as the value of a place.
func (k phoneKind) shown() any {
	if k.key == "" {
		return k.word
	}
	return message{key: k.key}
}

// in is the kind in a language.
func (k phoneKind) in(l messages.Language) string {
	if k.key == "" {
		return k.word
	}
	return l.Text(k.key, nil)
}

func deviceKind(dev eas.Device) phoneKind {
	t := eas.Clean(dev.Type.Shown(), 30)
	switch low := strings.ToLower(t); {
	case low == "iphone":
		return phoneKind{word: "iPhone"}
	case low == "ipad":
		return phoneKind{word: "iPad"}
	case low == "ipod":
		return phoneKind{word: "iPod"}
	case strings.HasPrefix(low, "android"), strings.HasPrefix(low, "samsung"), strings.HasPrefix(low, "sec"):
		return phoneKind{key: "phone.kind-android"}
	case low == "outlook":
		return phoneKind{key: "phone.kind-outlook"}
	case low == "", low == "phone":
		return phoneKind{key: "phone.kind-unknown"}
	default:
		return phoneKind{word: t}
	}
}

// lastFour is the end of an id: enough to tell two apart.
func lastFour(id string) string {
	r := []rune(eas.Clean(id, 200))
	return string(r[max(0, len(r)-4):])
}

// momentOf names a time of day for a text.
func momentOf(t time.Time) message {
	t = t.UTC()
	month := message{key: fmt.Sprintf("date.month-%d", int(t.Month()))}
	return message{"date.moment", messages.Values{"clock": t.Format("15:04"), "day": t.Day(), "month": month}}
}
