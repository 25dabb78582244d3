package diag

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"easbot/internal/eas"
	"easbot/internal/messages"
)

// Audience is for whom a report is put into words.
type Audience string

// The audiences. An Owner sees nothing of the directory's inside; an Approver sees everything.
const (
	Owner    Audience = "owner"
	Approver Audience = "approver"
)

// Text puts the report into words for a terminal: one plain sentence, what to do and who can do it; for an approver
// also the evidence and the trace. Outside text in it is cleaned.
func (r Report) Text(to Audience) string {
	var b strings.Builder
	if to == Approver {
		r.writeForApprover(&b)
	} else {
		r.writeForOwner(&b)
	}
	return b.String()
}

func (r Report) writeForOwner(b *strings.Builder) {
	l := cmp.Or(r.language, messages.English)
	fmt.Fprintf(b, "%s\n", r.Headline)
	for _, f := range r.Findings {
		fmt.Fprintf(b, "\n%s\n", f.Plain)
		if f.Fix.Plain != "" {
			fmt.Fprintf(b, "  %s\n", l.Text("terminal.to-do", messages.Values{"what": f.Fix.Plain}))
		}
	}
	if len(r.Devices) > 0 {
		fmt.Fprintf(b, "\n%s\n", l.Text("terminal.phones", nil))
		names := map[string]int{}
		for _, dev := range r.Devices {
			names[dev.Device.ShortName()]++
		}
		for _, dev := range r.Devices {
			name := dev.Device.ShortName()
			if names[name] > 1 {
				name = l.Text("terminal.phone-ending", messages.Values{"name": name, "ending": lastFour(dev.ID)})
			}
			fmt.Fprintf(b, "  %s: %s\n", name, dev.standingIn(l))
		}
	}
	if len(r.Unread) > 0 {
		fmt.Fprintf(b, "\n%s\n", l.Text("terminal.incomplete", nil))
	}
}

// standingIn is a device's state in its owner's words.
func (v DeviceVerdict) standingIn(l messages.Language) string {
	now := stateForOwner(v.State) // hidden and not decided yet read as unknown
	if p := v.Predicted; p != nil && stateForOwner(p.State) != now {
		return l.Text("terminal.state-next", messages.Values{
			"now": l.Text(now, nil), "next": l.Text(stateForOwner(p.State), nil),
		})
	}
	return l.Text(now, nil)
}

// stateForOwner is the key of a state's words.
func stateForOwner(s eas.AccessState) string {
	words := map[eas.AccessState]string{
		eas.StateAllowed: "terminal.state-allowed", eas.StateBlocked: "terminal.state-blocked",
		eas.StateQuarantined: "terminal.state-quarantined", eas.StateDiscovery: "terminal.state-discovery",
	}
	return cmp.Or(words[s], "terminal.state-unknown")
}

func (r Report) writeForApprover(b *strings.Builder) {
	fmt.Fprintf(b, "%s (%s): %s\n", r.Who.ShortName(), r.Mailbox, r.Verdict)
	fmt.Fprintf(b, "Told to the owner: %s\n", r.Headline)
	if r.Protected {
		b.WriteString("The account counts as protected: an approval needs two people.\n")
	}
	for i, f := range r.Findings {
		fmt.Fprintf(b, "\n%d. %s (%s)\n   %s\n", i+1, f.Code, f.Severity, f.Summary)
		f.Fix.writeTo(b)
		if len(f.Evidence) > 0 {
			b.WriteString("   Evidence:\n")
		}
		for _, e := range f.Evidence {
			fmt.Fprintf(b, "     %s = %s\n       %s\n", e.Attribute, e.Value, e.DN)
		}
	}
	if len(r.Devices) > 0 {
		b.WriteString("\nPhones:\n")
	}
	for _, dev := range r.Devices {
		fmt.Fprintf(b, "  %s  %s\n    stored: %s\n", dev.ID, dev.describeDevice(),
			storedStateText(dev.Device))
		if p := dev.Predicted; p != nil {
			fmt.Fprintf(b, "    next:   %s%s\n", stateText(p.State, p.Reason), ruleText(p))
		} else {
			b.WriteString("    next:   not known\n")
		}
	}
	r.Rights.writeTo(b)
	b.WriteString("\nChecked:\n")
	for _, t := range r.Trace {
		fmt.Fprintf(b, "  %-11s %-7s %s\n", t.Step, t.Outcome, t.Detail)
	}
	if len(r.Unread) > 0 {
		b.WriteString("\nNot read:\n")
	}
	for _, u := range r.Unread {
		fmt.Fprintf(b, "  %s: %s\n", u.Source, u.Error)
	}
	r.writeHandOvers(b)
	if r.Server != "" {
		fmt.Fprintf(b, "\nRead from %s.\n", eas.Clean(r.Server, 200))
	}
}

// writeHandOvers says what is left to ask.
func (r Report) writeHandOvers(b *strings.Builder) {
	if len(r.HandOvers) == 0 {
		return
	}
	b.WriteString("\nActive Directory does not show the following. Give what you find to: easbot explain\n")
	for _, h := range r.HandOvers {
		fmt.Fprintf(b, "  %s (%s)\n    %s\n", h.Question, h.Who, h.Steps)
		for _, line := range h.Commands {
			fmt.Fprintf(b, "      %s\n", line)
		}
	}
	b.WriteString("  More: easbot guide\n")
}

func (f Fix) writeTo(b *strings.Builder) {
	fmt.Fprintf(b, "   To do (%s): %s\n", f.Who, f.Text)
	list := func(title string, commands []string) {
		if len(commands) > 0 {
			fmt.Fprintf(b, "   %s:\n", title)
		}
		for _, c := range commands {
			fmt.Fprintf(b, "     %s\n", c)
		}
	}
	list("Commands", f.Commands)
	list("Undo", f.Undo)
	if f.Affects != "" {
		fmt.Fprintf(b, "   Affects: %s.\n", f.Affects)
	}
	if f.Check != "" {
		fmt.Fprintf(b, "   How to see that it worked: %s\n", f.Check)
	}
}

// describeDevice is the device's type, model and system, with how old the partnership is.
func (v DeviceVerdict) describeDevice() string {
	var parts []string
	for _, s := range []string{v.Device.FriendlyName, v.Type, v.Model, v.OS} {
		if s = eas.Clean(s, 60); s != "" {
			parts = append(parts, s)
		}
	}
	text := strings.Join(parts, ", ")
	if start := firstSeen(v.Device); !start.IsZero() {
		text += " (since " + start.UTC().Format(time.DateOnly) + ")"
	}
	return text
}

// storedStateText is what the directory stores about a device.
func storedStateText(dev eas.Device) string {
	state, hidden := dev.State.Or(eas.StateUnknown)
	reason, hiddenReason := dev.Reason.Or(eas.ReasonUnknown)
	switch {
	case hidden != nil:
		return "not readable"
	case dev.State.IsAbsent():
		return "not decided yet"
	case hiddenReason != nil:
		return fmt.Sprintf("%s (reason not readable)", state)
	default:
		return stateText(state, reason)
	}
}

func stateText(s eas.AccessState, r eas.Reason) string {
	return fmt.Sprintf("%s (%s)", s, r)
}

func ruleText(p *Prediction) string {
	switch {
	case len(p.Unclear) > 0:
		return ", but rules compete: " + strings.Join(p.Unclear, "; ")
	case p.Rule != "":
		return fmt.Sprintf(", rule %q", p.Rule)
	default:
		return ""
	}
}

func (r Rights) writeTo(b *strings.Builder) {
	b.WriteString("\nAn Exchange server may:\n")
	for _, x := range []struct {
		name string
		may  *bool
	}{
		{"create the container", r.CreateContainer},
		{"change its permissions", r.ChangePermissions},
		{"create a phone in it", r.CreateDevice},
	} {
		word := "not known"
		if x.may != nil {
			word = map[bool]string{true: "yes", false: "no"}[*x.may]
		}
		fmt.Fprintf(b, "  %-23s %s\n", x.name, word)
	}
	for _, ace := range r.Because {
		fmt.Fprintf(b, "    because of %s\n", ace)
	}
}
