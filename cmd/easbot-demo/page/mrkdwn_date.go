package page

import (
	"html"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var dateToken = regexp.MustCompile(`\{[a-z_]+\}`)

// renderDate renders !date^seconds^format^link|fallback for the reader's zone.
func (t textRenderer) renderDate(target, fallback string) string {
	parts := strings.SplitN(target, "^", 4)
	seconds, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil || len(parts) < 3 || seconds < 0 || seconds > 1<<36 {
		return escapeMrkdwn(fallback)
	}
	at := time.Unix(seconds, 0).In(t.location)
	shown := dateToken.ReplaceAllStringFunc(entities.Replace(parts[2]),
		func(token string) string { return t.datePart(at, token) })
	stamp := `<time datetime="` + at.UTC().Format(time.RFC3339) + `">` + html.EscapeString(shown) + `</time>`
	if len(parts) == 4 {
		return safeLink(entities.Replace(parts[3]), stamp)
	}
	return stamp
}

// dateLayouts are the tokens that always show the same parts of a time.
var dateLayouts = map[string]string{
	"{date_num}": time.DateOnly, "{date}": "January 2, 2006", "{date_short}": "Jan 2, 2006",
	"{date_long}": "Monday, January 2, 2006", "{time}": "15:04", "{time_secs}": "15:04:05",
}

// prettyLayouts are the tokens that say "Today" and its neighbours in words.
var prettyLayouts = map[string]string{
	"{date_pretty}": "January 2, 2006", "{date_short_pretty}": "Jan 2, 2006",
	"{date_long_pretty}": "Monday, January 2, 2006",
}

// datePart shows one token of a date's format; a token that Slack does not know stays as it is.
func (t textRenderer) datePart(at time.Time, token string) string {
	if layout := dateLayouts[token]; layout != "" {
		return at.Format(layout)
	}
	if layout := prettyLayouts[token]; layout != "" {
		return t.prettyDay(at, layout)
	}
	if token == "{ago}" {
		return t.now.Sub(at).Round(time.Minute).String() + " ago"
	}
	return token
}

func (t textRenderer) prettyDay(at time.Time, layout string) string {
	day := func(x time.Time) string { return x.In(t.location).Format(time.DateOnly) }
	switch day(at) {
	case day(t.now):
		return "Today"
	case day(t.now.AddDate(0, 0, -1)):
		return "Yesterday"
	case day(t.now.AddDate(0, 0, 1)):
		return "Tomorrow"
	}
	return at.Format(layout)
}
