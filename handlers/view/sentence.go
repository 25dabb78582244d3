package view

import (
	"fmt"
	"strings"

	"easbot/internal/eas"
	"easbot/internal/messages"

	"github.com/slack-go/slack"
)

// sentenceLine is a line made of a text of the catalogue. A value that is an element of rich text (a time, a mention,
// text from outside) stands in its place as it is; any other is cleaned and becomes part of the words.
func sentenceLine(l messages.Language, key string, values messages.Values) line {
	var elements line
	var words strings.Builder
	bold := false
	flush := func() {
		if words.Len() == 0 {
			return
		}
		if bold {
			elements = append(elements, boldText(words.String()))
		} else {
			elements = append(elements, ownText(words.String()))
		}
		words.Reset()
	}
	for _, piece := range l.PiecesOf(key, values) {
		if piece.Bold != bold {
			flush()
			bold = piece.Bold
		}
		switch value := values[piece.Place].(type) {
		case slack.RichTextSectionElement:
			flush()
			elements = append(elements, value)
		case nil:
			words.WriteString(piece.Words)
			if piece.Place != "" { // a mistake, and it must be seen
				words.WriteString("{" + piece.Place + "}")
			}
		case string:
			words.WriteString(eas.Clean(value, 1500))
		default:
			fmt.Fprint(&words, value)
		}
	}
	flush()
	return elements
}
