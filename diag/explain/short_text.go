package explain

import (
	"bytes"
	"strings"
)

// fewRequests is how many requests of a pasted text are explained, with what they say; more are counted.
const fewRequests = 3

// ExplainShort explains a whole short file; false when it is a log that is better counted.
func ExplainShort(name string, text []byte) (Answer, File, bool) {
	f, err := new(Counter).readFile(name, bytes.NewReader(text))
	if err != nil || len(bytes.Trim(text, "\x00 \t\r\n")) == 0 || binaryProblem(text) != "" {
		return Answer{}, f.file, false
	}
	if f.file.Format != FormatText && f.file.Format != FormatUnknown && f.isCounted(plainText(string(text))) {
		return Answer{}, f.file, false
	}
	if f.other > 0 && f.file.Requests == 0 && f.file.NotUnderstood == 0 && f.file.Format != FormatEvents {
		return Answer{}, f.file, false // a log, and not of phones
	}
	answer := Explain(string(text))
	if len(answer.Matches) == 0 && f.file.Problem == "" {
		return Answer{}, f.file, false // a log, and all is well in it
	}
	if len(answer.Matches) > 0 {
		f.file.Problem, f.file.NotUnderstood, f.file.Examples = "", 0, nil
	}
	return answer, f.file, true
}

// isCounted reports whether requests or records are many, or stand among others that a single text would mix them with.
func (f *fileReader) isCounted(text string) bool {
	return strings.Contains(text, "#Fields:") || f.file.Requests > fewRequests ||
		f.file.Format == FormatEvents && f.file.Requests > 0 && f.other > 0 || f.other > fewRequests
}
