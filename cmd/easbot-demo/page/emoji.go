package page

import (
	"regexp"
	"strings"
)

var emojiName = regexp.MustCompile(`:[a-z0-9_+-]{1,40}:`)

// replaceEmoji replaces the short names of common emoji; others stay as they are written.
func replaceEmoji(s string) string {
	return emojiName.ReplaceAllStringFunc(s, func(name string) string {
		if sign := emoji[strings.Trim(name, ":")]; sign != "" {
			return sign
		}
		return name
	})
}

var emoji = map[string]string{
	"white_check_mark": "✅", "heavy_check_mark": "✔️", "x": "❌", "no_entry": "⛔", "no_entry_sign": "🚫",
	"warning": "⚠️", "hourglass": "⌛", "hourglass_flowing_sand": "⏳", "iphone": "📱", "calling": "📲",
	"lock": "🔒", "unlock": "🔓", "key": "🔑", "tada": "🎉", "wave": "👋", "eyes": "👀", "mag": "🔍", "bell": "🔔",
	"email": "✉️", "envelope": "✉️", "information_source": "ℹ️", "bulb": "💡", "gear": "⚙️", "shield": "🛡️",
	"red_circle": "🔴", "large_green_circle": "🟢", "large_yellow_circle": "🟡", "large_blue_circle": "🔵",
	"white_circle": "⚪", "arrow_right": "➡️", "point_right": "👉", "memo": "📝", "clipboard": "📋",
	"mailbox": "📫", "mailbox_with_mail": "📬", "inbox_tray": "📥", "page_facing_up": "📄", "calendar": "📅",
	"clock3": "🕒", "rotating_light": "🚨", "question": "❓", "grey_question": "❔", "exclamation": "❗",
	"thumbsup": "👍", "+1": "👍", "-1": "👎", "slightly_smiling_face": "🙂", "smile": "😄",
}
