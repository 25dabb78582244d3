package diag

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"easbot/internal/eas"
)

// Options narrows a diagnosis.
type Options struct {
	Now time.Time
	// Device is an id or part of a name; only that phone counts then. Empty means all.
	Device string
}

// Diagnose says why phones can or cannot sync with the snapshot's mailbox. It is pure and never fails: what could not be
// read is in Report.Unread, and the verdict is Unknown whenever the missing part could have made it worse.
func Diagnose(s *Snapshot, o Options) Report {
	d := &diagnosis{s: s, o: o, doubt: OK}
	d.choose()
	d.mailbox()
	d.account()
	reason := d.elsewhere()
	if reason != "" {
		for _, step := range []Step{StepActiveSync, StepPolicy, StepAccess, StepLimit, StepPermissions} {
			d.trace(step, Skip, reason)
		}
		d.protect()
	} else {
		d.activeSync()
		d.policy()
		d.access()
		d.limit()
		d.permissions()
	}
	d.server(reason)
	return d.finish()
}

// diagnosis is one run of Diagnose.
type diagnosis struct {
	s *Snapshot
	o Options

	devices []eas.Device // the ones that count
	causes  []cause
	lines   []TraceLine
	unread  []Unread
	rights  Rights
	shown   []DeviceVerdict
	shield  protection // what is known about AdminSDHolder

	wants Detail

	// doubt is the worst verdict that an unread source could hide.
	doubt Verdict
}

// cause is a finding with what it means for the answer.
type cause struct {
	Finding
	verdict Verdict
	clause  string    // what the headline says: half a sentence to the owner
	since   time.Time // when the device came; newer ones come first
}

// ranks orders the verdicts from good to bad.
var ranks = []Verdict{OK, NewDeviceFails, Quarantined, Blocked, Unknown}

func worse(a, b Verdict) bool { return slices.Index(ranks, a) > slices.Index(ranks, b) }

var (
	steps      = []Step{StepMailbox, StepAccount, StepActiveSync, StepPolicy, StepAccess, StepLimit, StepPermissions, StepServer}
	severities = []Severity{Blocking, Warning, Info}
)

func (d *diagnosis) trace(step Step, outcome Outcome, detail string) {
	d.lines = append(d.lines, TraceLine{Step: step, Outcome: outcome, Detail: detail})
}

func (d *diagnosis) add(v Verdict, clause string, f Finding) {
	d.causes = append(d.causes, cause{Finding: f, verdict: v, clause: clause})
}

// missing notes a source that was not read. could is the worst verdict that its content may lead to.
func (d *diagnosis) missing(from string, err error, could Verdict) {
	u := Unread{Source: eas.Clean(from, 300), Error: eas.Clean(err.Error(), 300)}
	if u.Source == "" {
		u.Source = "directory"
	}
	if !slices.Contains(d.unread, u) {
		d.unread = append(d.unread, u)
	}
	if worse(could, d.doubt) {
		d.doubt = could
	}
}

// choose picks the devices that the question is about.
func (d *diagnosis) choose() {
	if !d.s.Devices.OK() {
		return
	}
	all := slices.DeleteFunc(slices.Clone(d.s.Devices.Value), eas.Device.IsProbe)
	slices.SortStableFunc(all, func(a, b eas.Device) int { return came(b).Compare(came(a)) })
	want := strings.ToLower(strings.TrimSpace(d.o.Device))
	if want == "" {
		d.devices = all
		return
	}
	for _, dev := range all {
		if strings.EqualFold(dev.ID, want) {
			d.devices = append(d.devices, dev)
		}
	}
	if len(d.devices) > 0 {
		return
	}
	for _, dev := range all {
		for _, name := range []string{dev.FriendlyName, dev.Model, dev.Type, dev.ID} {
			if strings.Contains(strings.ToLower(eas.Clean(name, 200)), want) {
				d.devices = append(d.devices, dev)
				break
			}
		}
	}
}

// came is when the device was first seen.
func came(d eas.Device) time.Time {
	if !d.FirstSync.IsZero() {
		return d.FirstSync
	}
	return d.Created
}

// finish puts the report together.
func (d *diagnosis) finish() Report {
	verdict := OK
	for _, c := range d.causes {
		if worse(c.verdict, verdict) {
			verdict = c.verdict
		}
	}
	if worse(d.doubt, verdict) {
		verdict = Unknown
	}
	slices.SortStableFunc(d.causes, func(a, b cause) int {
		return cmp.Or(
			cmp.Compare(slices.Index(severities, a.Severity), slices.Index(severities, b.Severity)),
			cmp.Compare(slices.Index(steps, a.Step), slices.Index(steps, b.Step)),
			cmp.Compare(slices.Index(ranks, b.verdict), slices.Index(ranks, a.verdict)),
			b.since.Compare(a.since),
		)
	})
	findings := make([]Finding, len(d.causes))
	for i, c := range d.causes {
		if c.Evidence == nil {
			c.Evidence = []Evidence{}
		}
		if c.Fix.Check == "" {
			c.Fix.Check = worked[c.Code]
		}
		findings[i] = c.Finding
	}
	m := d.s.Mailbox
	return Report{
		Mailbox:  eas.Clean(m.Key(), 300),
		DN:       eas.Clean(m.DN, 1000),
		Verdict:  verdict,
		Headline: d.headline(verdict),
		Findings: findings,
		Trace:    d.lines,
		Rights: Rights{
			CreateContainer:   d.rights.CreateContainer,
			ChangePermissions: d.rights.ChangePermissions,
			CreateDevice:      d.rights.CreateDevice,
			Because:           append([]string{}, d.rights.Because...),
		},
		Devices:   append([]DeviceVerdict{}, d.shown...),
		Unread:    append([]Unread{}, d.unread...),
		Who:       m,
		Protected: d.shield.cautious(),
		Server:    d.s.Server,
		wants:     d.wants,
	}
}

func evidence(dn, attribute, value string) Evidence {
	return Evidence{DN: eas.Clean(dn, 1000), Attribute: attribute, Value: eas.Clean(value, 300)}
}

// who names the mailbox's owner in texts for approvers.
func (d *diagnosis) who() string { return d.s.Mailbox.Name() }
