package view

import (
	"easbot/diag"
	"easbot/internal/eas"
	"easbot/internal/messages"

	"github.com/slack-go/slack"
)

// How much of a report an approver's answer shows; the terminal shows all of it.
const (
	approverFindings = 8
	approverEvidence = 3
	approverUnread   = 3
)

// ApproverReport is the report with its evidence and trace.
func ApproverReport(r diag.Report) Message {
	m := shrinkToLimits(func(limit int) Message {
		title := messages.Values{"owner": r.Who.ShortName(), "verdict": verdictWords(r.Verdict)}
		blocks := []slack.Block{
			headerBlock(english.Text("why.header", title)),
			richText(
				labelledValue(english, "why.mailbox", r.Mailbox, 120),
				labelledValue(english, "why.owner-is-told", r.Headline, 400)),
		}
		for i, f := range r.Findings {
			if i == approverFindings {
				more := messages.Values{"count": len(r.Findings) - i}
				blocks = append(blocks, contextLine(english.Text("why.more", more)))
				break
			}
			blocks = append(blocks, approverFinding(f, limit)...)
		}
		if trace := traceLines(r, limit); len(trace) > 0 {
			blocks = append(blocks, bulletList(trace...))
		}
		for _, u := range r.Unread[:min(len(r.Unread), approverUnread)] {
			blocks = append(blocks, contextLine(english.Text("why.unread", messages.Values{
				"source": eas.Clean(u.Source, limit), "error": eas.Clean(u.Error, limit),
			})))
		}
		if len(r.HandOvers) > 0 {
			blocks = append(blocks, contextLine(english.Text("why.hand-overs", messages.Values{"mailbox": r.Mailbox})))
		}
		read := english.Text("why.read-from", messages.Values{"server": r.Server})
		return Message{Blocks: append(blocks, contextLine(read))}
	})
	return m.withText(english.Text("why.text", messages.Values{"owner": r.Who.ShortName(), "headline": r.Headline}))
}

// approverFinding is one cause with its fix, the commands, the way back and the evidence.
func approverFinding(f diag.Finding, limit int) []slack.Block {
	lines := []line{sentenceLine(english, "why.finding", messages.Values{
		"severity": string(f.Severity), "code": f.Code, "summary": outsideText(f.Summary, limit+300),
	})}
	if f.Fix.Text != "" {
		lines = append(lines, sentenceLine(english, "why.fix", messages.Values{
			"who": f.Fix.Who, "text": outsideText(f.Fix.Text, limit+300),
		}))
	}
	if f.Fix.Affects != "" {
		lines = append(lines, labelledValue(english, "why.affects", f.Fix.Affects, limit))
	}
	if f.Fix.Check != "" {
		lines = append(lines, labelledValue(english, "why.worked", f.Fix.Check, limit+100))
	}
	blocks := []slack.Block{richText(lines...)}
	if len(f.Fix.Commands) > 0 {
		blocks = append(blocks, codeBlock(f.Fix.Commands...))
	}
	if len(f.Fix.Undo) > 0 {
		blocks = append(blocks, richText(sentenceLine(english, "why.undo", nil)), codeBlock(f.Fix.Undo...))
	}
	var evidence []string
	for _, e := range f.Evidence[:min(len(f.Evidence), approverEvidence)] {
		evidence = append(evidence, eas.Clean(english.Text("why.evidence", messages.Values{
			"attribute": e.Attribute, "value": e.Value, "dn": e.DN,
		}), limit+60))
	}
	if len(evidence) > 0 {
		blocks = append(blocks, contextLine(evidence...))
	}
	return blocks
}

// traceLines say how each step came out.
func traceLines(r diag.Report, limit int) []line {
	var trace []line
	for _, t := range r.Trace {
		trace = append(trace, sentenceLine(english, "why.step", messages.Values{
			"step": string(t.Step), "outcome": string(t.Outcome), "detail": outsideText(t.Detail, limit),
		}))
	}
	return trace
}

// verdictWords says the verdict in a few words.
func verdictWords(v diag.Verdict) string {
	if key := "why.verdict-" + string(v); english.HasText(key) {
		return english.Text(key, nil)
	}
	return english.Text("why.verdict-unknown", nil)
}
