package diag

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"easbot/internal/eas"
	"easbot/internal/messages"
)

// Options narrows a diagnosis.
type Options struct {
	Now time.Time
	// Device is an id or part of a name; only that phone counts then. Empty means all.
	Device string
}

// Diagnose says why phones can or cannot sync with the snapshot's mailbox. It is pure and never fails: what could not
// be read is in Report.Unread, and the verdict is Unknown whenever the missing part could have made it worse.
func Diagnose(s *Snapshot, o Options) Report { return runSteps(s, o).makeReport() }

// runSteps asks what a phone meets on its way, in that order.
func runSteps(s *Snapshot, o Options) *diagnosis {
	d := &diagnosis{snapshot: s, options: o, worstHidden: OK}
	d.selectDevices()
	reason := d.checkMailbox()
	d.checkAccount()
	if reason != "" {
		for _, step := range []Step{StepActiveSync, StepPolicy, StepAccess, StepLimit, StepPermissions} {
			d.addTrace(step, Skip, reason)
		}
		d.findProtection()
	} else {
		d.checkActiveSync()
		d.checkPolicy()
		d.checkAccess()
		d.checkLimit()
		d.checkPermissions()
		d.checkDeviceWrites()
		d.checkMailboxReads()
	}
	d.checkServer(reason)
	return d
}

// diagnosis is one run of Diagnose.
type diagnosis struct {
	snapshot *Snapshot
	options  Options

	devices        []eas.Device // the ones that count
	findings       []judgedFinding
	traceLines     []TraceLine
	unread         []Unread
	rights         Rights
	deviceVerdicts []DeviceVerdict
	protection     sdHolderProtection // what AdminSDHolder has to do with the account

	wantedDetail Detail

	// doubt is the worst verdict that an unread source could hide.
	worstHidden Verdict
}

// verdictsFromGood orders the verdicts from good to bad.
var verdictsFromGood = []Verdict{OK, NewDeviceFails, Quarantined, Blocked, Unknown}

func isWorse(a, b Verdict) bool {
	return slices.Index(verdictsFromGood, a) > slices.Index(verdictsFromGood, b)
}

// worseOf is the worse of two verdicts.
func worseOf(a, b Verdict) Verdict {
	if isWorse(a, b) {
		return a
	}
	return b
}

var (
	stepsInOrder = []Step{
		StepMailbox, StepAccount, StepActiveSync, StepPolicy, StepAccess, StepLimit, StepPermissions, StepServer,
	}
	severitiesInOrder = []Severity{Blocking, Warning, Info}
)

func (d *diagnosis) addTrace(step Step, outcome Outcome, detail string) {
	d.traceLines = append(d.traceLines, TraceLine{Step: step, Outcome: outcome, Detail: detail})
}

// selectDevices picks the devices that the question is about.
func (d *diagnosis) selectDevices() {
	all := slices.DeleteFunc(slices.Clone(d.snapshot.Devices.Value), eas.Device.IsProbe)
	slices.SortStableFunc(all, func(a, b eas.Device) int { return firstSeen(b).Compare(firstSeen(a)) })
	want := strings.ToLower(strings.TrimSpace(d.options.Device))
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
		for _, name := range []string{dev.FriendlyName, dev.Model.Shown(), dev.Type.Shown(), dev.ID} {
			if strings.Contains(strings.ToLower(eas.Clean(name, 200)), want) {
				d.devices = append(d.devices, dev)
				break
			}
		}
	}
}

// firstSeen is when the device was first seen.
func firstSeen(d eas.Device) time.Time {
	if !d.FirstSync.IsZero() {
		return d.FirstSync
	}
	return d.Created
}

// makeReport puts the report together.
func (d *diagnosis) makeReport() Report {
	verdict, doubt := OK, d.worstHidden
	for _, c := range d.findings {
		switch {
		case c.verdict == Unknown && c.Device != "": // it does not hide what holds another phone for certain
			doubt = worseOf(doubt, Quarantined)
		default:
			verdict = worseOf(verdict, c.verdict)
		}
	}
	if isWorse(doubt, verdict) || verdict == OK && d.hasUnknownStep() {
		verdict = Unknown
	}
	slices.SortStableFunc(d.findings, func(a, b judgedFinding) int {
		return cmp.Or(
			cmp.Compare(slices.Index(severitiesInOrder, a.Severity), slices.Index(severitiesInOrder, b.Severity)),
			cmp.Compare(slices.Index(stepsInOrder, a.Step), slices.Index(stepsInOrder, b.Step)),
			cmp.Compare(slices.Index(verdictsFromGood, b.verdict), slices.Index(verdictsFromGood, a.verdict)),
			firstSeen(b.hit.Device).Compare(firstSeen(a.hit.Device)), // newer ones first
		)
	})
	findings := make([]Finding, len(d.findings))
	for i, c := range d.findings {
		if c.Evidence == nil {
			c.Evidence = []Evidence{}
		}
		findings[i] = c.Finding
	}
	m, headline := d.snapshot.Mailbox, d.writeHeadline(verdict)
	return Report{
		Mailbox:  eas.Clean(m.ShellIdentity(), 300),
		DN:       eas.Clean(m.DN, 1000),
		Verdict:  verdict,
		Headline: asSentence(headline.in(messages.English)),
		Findings: findings,
		Trace:    d.traceLines,
		Rights: Rights{
			CreateContainer:   d.rights.CreateContainer,
			ChangePermissions: d.rights.ChangePermissions,
			CreateDevice:      d.rights.CreateDevice,
			Because:           append([]string{}, d.rights.Because...),
		},
		Devices:      append([]DeviceVerdict{}, d.deviceVerdicts...),
		Unread:       d.grantsOfProtected(append([]Unread{}, d.unread...)),
		HandOvers:    d.handOversOf(verdict),
		Who:          m,
		Protected:    d.protection.countsAsProtected(),
		Server:       d.snapshot.Server,
		wantedDetail: d.wantedDetail,
		headline:     headline,
	}
}

// hasUnknownStep reports whether a step could not be decided: then nothing says that a phone gets through it.
func (d *diagnosis) hasUnknownStep() bool {
	return slices.ContainsFunc(d.traceLines, func(t TraceLine) bool { return t.Outcome == OutcomeUnknown })
}

func newEvidence(dn, attribute, value string) Evidence {
	return Evidence{DN: eas.Clean(dn, 1000), Attribute: attribute, Value: eas.Clean(value, 300)}
}
