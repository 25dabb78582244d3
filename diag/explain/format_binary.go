package explain

import (
	"bytes"
	"fmt"
)

// sniffLimit is how much of a file's beginning is looked at to find out what it is.
const sniffLimit = 8 << 10

// saveAs says how a binary event log becomes something that can be read.
const saveAs = "Open it in Event Viewer and use Save All Events As… with XML, CSV or text, or: " +
	"Get-WinEvent -Path FILE | Where-Object ProviderName -like '*ActiveSync*' | " +
	"Select-Object TimeCreated, ProviderName, Id, Message | Export-Csv events.csv"

// binaryFiles are the files that people have beside a log and that are no text, by how they begin.
var binaryFiles = []struct{ begins, is string }{
	{"ElfFile", "a binary event log (.evtx). " + saveAs},
	{"LfLe", "a binary event log (.evt). " + saveAs},
	{"\x89PNG", "a picture. Type the text that it shows, or paste it"},
	{"\xff\xd8\xff", "a picture. Type the text that it shows, or paste it"},
	{"GIF8", "a picture. Type the text that it shows, or paste it"},
	{"BM", "a picture. Type the text that it shows, or paste it"},
	{"%PDF", "a PDF. Copy the text out of it"},
	{"\xd0\xcf\x11\xe0", "a document of Office. Save it as text or CSV"},
	{"PK\x03\x04", "a document or an archive inside an archive. Unpack it, or save it as text or CSV"},
	{"\x1f\x8b", "packed with gzip inside another archive. Unpack it first"},
	{"\x28\xb5\x2f\xfd", "packed with zstd inside another archive. Unpack it first"},
	{"7z\xbc\xaf\x27\x1c", "a 7-Zip archive. Unpack it first"},
	{"Rar!", "a RAR archive. Unpack it first"},
	{"\xfd7zXZ", "packed with xz. Unpack it first"},
	{"BZh", "packed with bzip2. Unpack it first"},
	{"\x7fELF", "a program"},
	{"MZ", "a program"},
	{"SQLite format 3", "a database"},
	{"\xd4\xc3\xb2\xa1", "a network trace. Nothing in it is readable: ActiveSync is encrypted"},
	{"\x0a\x0d\x0d\x0a", "a network trace. Nothing in it is readable: ActiveSync is encrypted"},
}

// binaryProblem says what a file is that is no text; empty when it may be one.
func binaryProblem(head []byte) string {
	for _, b := range binaryFiles {
		if bytes.HasPrefix(head, []byte(b.begins)) && (len(b.begins) > 2 || !isMostlyText(head)) {
			return fmt.Sprintf("It is %s.", b.is)
		}
	}
	if _, wide := utf16Order(string(head)); wide || isMostlyText(head) {
		return ""
	}
	return "It is no text: a picture, a program or a packed file."
}

// isMostlyText reports whether control characters are rare. NUL bytes at the end are how IIS fills a log.
func isMostlyText(head []byte) bool {
	control := 0
	for _, c := range bytes.TrimRight(head, "\x00") {
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' && c != '\f' && c != 0x1b {
			control++
		}
	}
	return control*20 <= len(head)
}
