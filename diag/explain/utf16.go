package explain

import (
	"bufio"
	"io"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// utf8Reader reads a file as UTF-8: without the mark in front, and turned into UTF-8 when Windows saved it as UTF-16.
func utf8Reader(r io.Reader, size int) *bufio.Reader {
	in := bufio.NewReaderSize(r, size)
	head, _ := in.Peek(64) // an error comes again at the first read
	if order, ok := utf16Order(string(head)); ok {
		return bufio.NewReaderSize(transform.NewReader(in, unicode.UTF16(order, unicode.UseBOM).NewDecoder()), size)
	}
	if len(head) >= 3 && string(head[:3]) == "\ufeff" {
		_, _ = in.Discard(3) // what was peeked at is there
	}
	return in
}

// utf16ToUTF8 turns UTF-16 into UTF-8, without its mark. What is no character becomes the sign for that; half a one at
// the end is dropped.
func utf16ToUTF8(text string, order unicode.Endianness) string {
	plain, err := unicode.UTF16(order, unicode.UseBOM).NewDecoder().String(text[:len(text)&^1])
	if err != nil {
		return text // it never fails: what cannot be read is replaced
	}
	return plain
}

// utf16Order recognises UTF-16 by its mark, or by a zero in every second byte of the beginning; false is no UTF-16.
func utf16Order(text string) (order unicode.Endianness, ok bool) {
	if len(text) < 2 {
		return false, false
	}
	switch text[:2] {
	case "\xff\xfe":
		return unicode.LittleEndian, true
	case "\xfe\xff":
		return unicode.BigEndian, true
	}
	head := text[:min(len(text), 64)&^1]
	var zero [2]int
	for i := range len(head) {
		if head[i] == 0 {
			zero[i%2]++
		}
	}
	// Log lines and English texts are nearly all Latin letters.
	switch half := len(head) / 2; {
	case half < 4:
		return false, false
	case zero[1] > half*3/4 && zero[0] == 0:
		return unicode.LittleEndian, true
	case zero[0] > half*3/4 && zero[1] == 0:
		return unicode.BigEndian, true
	}
	return false, false
}
