package diag

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"easbot/internal/eas"
)

// writeHeadline is the answer in one plain sentence to the owner.
func (d *diagnosis) writeHeadline(v Verdict) string {
	first := d.chooseClauses(v)
	switch {
	case len(first) > 0:
		return asSentence(strings.Join(first, ", and "))
	case v == Unknown:
		return "I could not check everything, so I cannot say what holds your phone back."
	case len(d.devices) == 0 && d.options.Device != "":
		return asSentence(fmt.Sprintf("no phone called %q has connected to your mailbox", eas.Clean(d.options.Device, 60)))
	case len(d.devices) == 0 && d.snapshot.Org.DefaultLevel.OK() && d.snapshot.Org.DefaultLevel.Value == eas.LevelQuarantine:
		return "No phone has connected to your mailbox yet: add your account on the phone, and it then waits for approval."
	case len(d.devices) == 0:
		return "No phone has connected to your mailbox yet, and nothing stands in its way: add your account on the phone."
	case len(d.devices) == 1:
		return asSentence("the mail server lets your " + d.deviceLabel(d.devices[0]) + " in, so nothing here holds it back")
	case len(d.devices) == 2:
		return "The mail server lets both of your phones in, so nothing here holds them back."
	default:
		return fmt.Sprintf("The mail server lets all %d of your phones in, so nothing here holds them back.", len(d.devices))
	}
}

// chooseClauses picks what the headline says: the first cause of the verdict that is about the account, else the two worst phones
// and how many more.
func (d *diagnosis) chooseClauses(v Verdict) []string {
	for _, c := range d.findings {
		if c.clause != "" && c.verdict == v && v != OK && c.Device == "" {
			return []string{c.clause}
		}
	}
	if v == Unknown {
		return nil
	}
	var parts []string
	more := 0
	seen := map[string]bool{}
	for _, want := range []Verdict{Blocked, Quarantined, OK} {
		for _, c := range d.findings {
			if c.clause == "" || c.Device == "" || c.verdict != want || seen[c.Device] || want == OK && v != OK {
				continue
			}
			seen[c.Device] = true
			if len(parts) < 2 {
				parts = append(parts, c.clause)
			} else {
				more++
			}
		}
	}
	if more > 0 {
		parts = []string{parts[0] + ", " + parts[1], countedNoun(more, "more of your phones has a problem", "more of your phones have a problem")}
	}
	return parts
}

func asSentence(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:] + "."
}

// countsAsNew is how long a phone counts as new.
const countsAsNew = 30 * 24 * time.Hour

// deviceLabel is how a text names a device to its owner: "new iPhone", or with its name when the mailbox has two of a kind.
func (d *diagnosis) deviceLabel(dev eas.Device) string {
	name := deviceKind(dev)
	twins, alike := 0, 0
	for _, other := range d.snapshot.Devices.Value {
		if other.IsProbe() || deviceKind(other) != deviceKind(dev) {
			continue
		}
		twins++
		if other.ShortName() == dev.ShortName() {
			alike++
		}
	}
	if twins > 1 {
		if full := dev.ShortName(); full != name && alike == 1 {
			name += " (" + full + ")"
		} else {
			name += " ending in " + lastFour(dev.ID)
		}
	}
	if start := firstSeen(dev); !start.IsZero() && d.options.Now.Sub(start) < countsAsNew {
		return "new " + name
	}
	return name
}

// deviceKind is what people call such a device.
func deviceKind(dev eas.Device) string {
	t := eas.Clean(dev.Type, 30)
	switch low := strings.ToLower(t); {
	case low == "iphone":
		return "iPhone"
	case low == "ipad":
		return "iPad"
	case low == "ipod":
		return "iPod"
	case strings.HasPrefix(low, "android"), strings.HasPrefix(low, "samsung"), strings.HasPrefix(low, "sec"):
		return "Android phone"
	case low == "outlook":
		return "Outlook app"
	case low == "", low == "phone":
		return "phone"
	default:
		return t
	}
}

// lastFour is the end of an id: enough to tell two apart.
func lastFour(id string) string {
	r := []rune(eas.Clean(id, 200))
	return string(r[max(0, len(r)-4):])
}
