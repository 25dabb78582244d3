package diag

import (
	"maps"

	"easbot/internal/eas"
	"easbot/internal/messages"
)

// hit is a cause that a step found, with what is particular to this mailbox. The rest stands in the table.
type hit struct {
	Code string
	// Variants name the wordings that fit. Each text is taken from the first that has it, else from the cause itself.
	Variants []string
	Device   eas.Device // zero when it is not about one phone
	// Values fill the places of the texts, besides {person} and, with a device, {phone}.
	Values         messages.Values
	Evidence       []Evidence
	Commands, Undo []string
	// Verdict takes the place of the table's where it depends on what else was found; empty otherwise.
	Verdict Verdict
}

// judgedFinding is a finding with what it means for the answer.
type judgedFinding struct {
	Finding
	hit     hit
	verdict Verdict
	clause  message // what the headline says: half a sentence to the owner
}

// addFinding makes a finding of a hit, by the table and the catalogue.
func (d *diagnosis) addFinding(h hit) {
	row, _ := causeOf(h.Code)
	row = row.withVariants(h.Variants)
	if h.Verdict != "" {
		row.Verdict = h.Verdict
	}
	values := maps.Clone(h.Values)
	if values == nil {
		values = messages.Values{}
	}
	values["person"] = d.snapshot.Mailbox.ShortName()
	if h.Device.ID != "" {
		values["phone"] = d.phoneName(h.Device)
	}
	text := func(name string) message { return h.text(name, values) }
	const l = messages.English
	f := Finding{
		Code: row.Code, Severity: row.Severity, Step: row.Step, Device: eas.Clean(h.Device.ID, 200),
		Summary: text("summary").in(l), plain: text("plain"), fixPlain: text("fixplain"), Evidence: h.Evidence,
		Fix: Fix{
			Who: row.Who, Text: text("fix").in(l), Commands: h.Commands, Undo: h.Undo,
			Affects: text("affects").in(l), Check: text("worked").in(l),
		},
	}
	f.Plain, f.Fix.Plain = f.plain.in(l), f.fixPlain.in(l)
	d.findings = append(d.findings, judgedFinding{Finding: f, hit: h, verdict: row.Verdict, clause: text("clause")})
}

// text is the hit's text of that name; the empty message when the catalogue has none.
func (h hit) text(name string, values messages.Values) message {
	key := "cause." + h.Code + "."
	for _, variant := range h.Variants {
		if own := key + variant + "." + name; messages.English.HasText(own) {
			return message{own, values}
		}
	}
	if key += name; messages.English.HasText(key) {
		return message{key, values}
	}
	return message{}
}
