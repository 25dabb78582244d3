package view

import (
	"time"

	"easbot/approvals"
	"easbot/internal/eas"
	"easbot/internal/messages"

	"github.com/slack-go/slack"
)

// PendingMost is how many requests /eas pending shows.
const PendingMost = 15

// WaitingRequest is a row of /eas pending.
type WaitingRequest struct {
	approvals.Request
	Link string // to its card; empty when there is none to show
	Mine bool   // the reader asked for it and may take it back
}

// Pending is the answer to /eas pending: what waits for a decision, the oldest first.
func Pending(l messages.Language, waiting []WaitingRequest, now time.Time) Message {
	if len(waiting) == 0 {
		return Sentence(l, "pending.none", nil)
	}
	m := shrinkToLimits(func(limit int) Message {
		blocks := []slack.Block{headerBlock(l.Text("pending.header", messages.Values{"number": len(waiting)}))}
		for i, r := range waiting {
			if i == PendingMost {
				blocks = append(blocks, contextLine(l.Text("pending.more", messages.Values{"count": len(waiting) - i})))
				break
			}
			blocks = append(blocks, richText(pendingRow(l, r, now, limit)))
			if r.Mine {
				blocks = append(blocks, slack.NewActionBlock("", withdrawButton(l, r.Request, 0)))
			}
		}
		return Message{Blocks: append(blocks, contextLine(l.Text("only-you", nil)))}
	})
	return m.withText(l.Text("pending.text", messages.Values{"count": len(waiting)}))
}

func pendingRow(l messages.Language, r WaitingRequest, now time.Time, limit int) line {
	row := sentenceLine(l, "pending.row", messages.Values{
		"phone": eas.Clean(PhoneName(l, r.Device), limit), "owner": outsideText(r.Mailbox.Name, limit),
		"time": durationWords(l, now.Sub(r.CreatedAt)),
	})
	if len(r.Votes) > 0 {
		votes := messages.Values{"votes": len(r.Votes), "needed": r.Needed}
		row = append(row, sentenceLine(l, "pending.row-votes", votes)...)
	}
	if r.Link != "" {
		open := slack.NewRichTextSectionLinkElement(r.Link, l.Text("pending.open-card", nil), nil)
		row = append(row, ownText("  "), open)
	}
	return row
}

// durationWords says how long something took in words: "less than a minute", "5 minutes", "3 hours", "2 days".
func durationWords(l messages.Language, d time.Duration) string {
	key, unit := "time.days", 24*time.Hour
	switch {
	case d < time.Minute:
		return l.Text("time.less-than-a-minute", nil)
	case d < time.Hour:
		key, unit = "time.minutes", time.Minute
	case d < 48*time.Hour:
		key, unit = "time.hours", time.Hour
	}
	return l.Text(key, messages.Values{"count": int(d / unit)})
}
