package view

import "github.com/slack-go/slack"

// MaxBytes is how large the blocks of one message may be: Slack refuses somewhat above (msg_blocks_too_long), and a
// click sends the whole message back.
const MaxBytes = 12_000

// MaxBlocks is Slack's limit for one message.
const MaxBlocks = 50

func (m Message) withinLimits() bool { return m.Size() <= MaxBytes && len(m.Blocks) <= MaxBlocks }

// shrinkToLimits builds a message with ever shorter values until it is within Slack's limits.
func shrinkToLimits(build func(limit int) Message) Message {
	var m Message
	for _, limit := range []int{200, 60, 30, 15} {
		if m = build(limit); m.withinLimits() {
			return m
		}
	}
	for !m.withinLimits() && len(m.Blocks) > 1 {
		m.Blocks = m.Blocks[:len(m.Blocks)-1]
	}
	return m
}

// joinWithinLimits puts the check under the explanation, within Slack's limits. What is too much is taken out of the
// middle of the check, then from the further meanings: what the text means, the check's verdict and its buttons always
// stay. more says that something was left out.
func joinWithinLimits(explanation, check Message, more string) Message {
	const first, verdict = 3, 2 // blocks of the first meaning, and of the check's beginning
	top := append(append([]slack.Block{}, explanation.Blocks...), slack.NewDividerBlock())
	middle, tail := []slack.Block{}, check.Blocks
	if len(check.Blocks) > verdict {
		end := max(firstActions(check.Blocks), verdict)
		top = append(top, check.Blocks[:verdict]...)
		middle, tail = check.Blocks[verdict:end], check.Blocks[end:]
	}
	whole := len(middle)
	further := len(explanation.Blocks) - first // the last of them goes first
	for {
		m := Message{Blocks: append(append([]slack.Block{}, top...), middle...)}
		if len(middle) < whole {
			m.Blocks = append(m.Blocks, contextLine(more))
		}
		m.Blocks = append(m.Blocks, tail...)
		m = m.withText(explanation.Text + " " + check.Text)
		switch {
		case m.withinLimits():
			return m
		case len(middle) > 0:
			middle = middle[:len(middle)-1]
		case further > 0:
			top = append(top[:first+further-1], top[first+further:]...)
			further--
		default:
			return shrinkToLimits(func(int) Message { return m })
		}
	}
}

// firstActions is the place of the first block with buttons; the last block's when there is none.
func firstActions(blocks []slack.Block) int {
	for i, b := range blocks {
		if b.BlockType() == slack.MBTAction {
			return i
		}
	}
	return len(blocks) - 1
}
