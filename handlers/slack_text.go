package handlers

import (
	"cmp"
	"regexp"
	"strings"

	"easbot/internal/eas"
)

// plainBlanks turns the blanks and quotes that phones type into plain ones.
var plainBlanks = strings.NewReplacer("\u00a0", " ", "\u202f", " ", "“", `"`, "”", `"`, "‘", "'", "’", "'", "–", "-",
	"—", "-")

// unescape undoes Slack's escaping of typed text, after the mentions that Slack itself wrote were recognised.
var unescape = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

// splitCommand takes the first word off, in lower case.
func splitCommand(text string) (first, rest string) {
	text = eas.Clean(plainBlanks.Replace(text), 500)
	first, rest, _ = strings.Cut(text, " ")
	return strings.ToLower(first), strings.TrimSpace(rest)
}

// afterFirstWord is the text without its first word, as long as it is.
func afterFirstWord(text string) string {
	_, rest, _ := strings.Cut(strings.TrimSpace(plainBlanks.Replace(text)), " ")
	return rest
}

// slackMention is a person as Slack sends one with should_escape.
var slackMention = regexp.MustCompile(`^<@([UW][A-Z0-9]{1,20})(?:\|[^>]*)?>$`)

// slackMailto is an address as Slack sends it when it recognised one.
var slackMailto = regexp.MustCompile(`^<mailto:([^|>]+)(?:\|[^>]*)?>$`)

// parseTarget reads "@person" or an address off the front of a command's arguments; ok is false when neither is there.
func parseTarget(arguments string) (slackID, address, rest string, ok bool) {
	first, rest, _ := strings.Cut(arguments, " ")
	rest = unescape.Replace(strings.TrimSpace(rest))
	if m := slackMention.FindStringSubmatch(first); m != nil {
		return m[1], "", rest, true
	}
	if m := slackMailto.FindStringSubmatch(first); m != nil {
		return "", m[1], rest, true
	}
	if strings.Count(first, "@") == 1 && !strings.ContainsAny(first, "<>|") && len(first) > 2 && first[0] != '@' {
		return "", unescape.Replace(first), rest, true
	}
	return "", "", unescape.Replace(arguments), false
}

// slackLink is an address or a server that Slack made a link of, with or without a label. Angle brackets that somebody
// typed are escaped, so they cannot be meant.
var slackLink = regexp.MustCompile(`<(?:mailto:|https?://)([^|<>]*)(?:\|([^<>]*))?>`)

// pastedText is the text as it was before Slack got it: links and escapes undone, without the marks of a code block.
func pastedText(text string) string {
	text = slackLink.ReplaceAllStringFunc(plainBlanks.Replace(text), func(link string) string {
		m := slackLink.FindStringSubmatch(link)
		return cmp.Or(m[2], m[1])
	})
	text = strings.ReplaceAll(unescape.Replace(text), "```", "\n")
	return strings.TrimSpace(strings.Trim(strings.TrimSpace(text), "`"))
}
