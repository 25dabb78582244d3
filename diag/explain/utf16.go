package explain

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// utf8Reader reads a file as UTF-8: without the mark in front, and turned into UTF-8 when Windows saved it as UTF-16.
func utf8Reader(r io.Reader, size int) *bufio.Reader {
	in := bufio.NewReaderSize(r, size)
	head, _ := in.Peek(64) // an error comes again at the first read
	if order := utf16Order(string(head)); order != nil {
		in = bufio.NewReaderSize(&utf16Reader{in: in, order: order}, size)
		head, _ = in.Peek(3)
	}
	if len(head) >= 3 && string(head[:3]) == "\ufeff" {
		_, _ = in.Discard(3) // what was peeked at is there
	}
	return in
}

// utf16Reader turns UTF-16 into UTF-8 as it is read.
type utf16Reader struct {
	in    *bufio.Reader
	order binary.ByteOrder
	rest  []byte // of the last character that did not fit
}

// Read fills p with whole characters, as far as they are there.
func (n *utf16Reader) Read(p []byte) (int, error) {
	done := copy(p, n.rest)
	n.rest = n.rest[done:]
	for len(p)-done > 0 && len(n.rest) == 0 {
		r, err := n.nextRune()
		if err != nil {
			if done > 0 {
				return done, nil
			}
			return 0, err
		}
		var buf [utf8.UTFMax]byte
		character := buf[:utf8.EncodeRune(buf[:], r)]
		fits := copy(p[done:], character)
		n.rest = append(n.rest[:0], character[fits:]...)
		done += fits
	}
	return done, nil
}

func (n *utf16Reader) nextRune() (rune, error) {
	first, err := n.nextUnit()
	if err != nil || !utf16.IsSurrogate(rune(first)) {
		return rune(first), err
	}
	b, _ := n.in.Peek(2)
	if len(b) < 2 {
		return utf8.RuneError, nil
	}
	r := utf16.DecodeRune(rune(first), rune(n.order.Uint16(b)))
	if r != utf8.RuneError {
		_, _ = n.in.Discard(2)
	}
	return r, nil
}

func (n *utf16Reader) nextUnit() (uint16, error) {
	var b [2]byte
	if _, err := io.ReadFull(n.in, b[:]); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = io.EOF // half a character at the end
		}
		return 0, err
	}
	return n.order.Uint16(b[:]), nil
}
