package explain

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// commandNames are the commands by their code in the binary query ([MS-ASHTTP] 2.2.1.1.1.1.2).
var commandNames = map[byte]string{
	0: "Sync", 1: "SendMail", 2: "SmartForward", 3: "SmartReply", 4: "GetAttachment", 5: "GetHierarchy",
	6: "CreateCollection", 7: "DeleteCollection", 8: "MoveCollection", 9: "FolderSync", 10: "FolderCreate",
	11: "FolderDelete", 12: "FolderUpdate", 13: "MoveItems", 14: "GetItemEstimate", 15: "MeetingResponse",
	16: "Search", 17: "Settings", 18: "Ping", 19: "ItemOperations", 20: "Provision", 21: "ResolveRecipients",
	22: "ValidateCert", 23: "Find",
}

// protocolVersions are the first bytes of a binary query: ten times the version of the protocol.
var protocolVersions = map[byte]bool{20: true, 21: true, 25: true, 120: true, 121: true, 140: true, 141: true,
	160: true, 161: true}

// binaryQueryLimit is the longest query that is decoded: three names of at most 255 bytes and what surrounds them.
const binaryQueryLimit = 2048

// parseBinaryQuery reads the query that newer phones send: version, command, locale, device, policy key and kind of
// device, base64 ([MS-ASHTTP] 2.2.1.1.1.1). What stands in it is put into r; false when it is something else.
func (r *logRequest) parseBinaryQuery(text string) bool {
	if len(text) < 12 || len(text) > binaryQueryLimit {
		return false
	}
	plain := strings.TrimRight(unescapeValue(text), "=")
	b, err := base64.RawStdEncoding.DecodeString(plain)
	if err != nil {
		if b, err = base64.RawURLEncoding.DecodeString(plain); err != nil {
			return false
		}
	}
	if len(b) < 7 || !protocolVersions[b[0]] {
		return false
	}
	command, known := commandNames[b[1]]
	device, rest, ok := cutCounted(b[4:])
	if !known || !ok {
		return false
	}
	// The policy key has four bytes, or none.
	if len(rest) == 0 || rest[0] != 0 && rest[0] != 4 || len(rest) < 2+int(rest[0]) {
		return false
	}
	kind, _, ok := cutCounted(rest[1+int(rest[0]):])
	if !ok {
		return false
	}
	r.command, r.device, r.kind = command, readableBytes(device), readableBytes(kind)
	return true
}

// cutCounted takes bytes with their count in front from the beginning of b.
func cutCounted(b []byte) (part, rest []byte, ok bool) {
	if len(b) == 0 || len(b) < 1+int(b[0]) {
		return nil, nil, false
	}
	return b[1 : 1+int(b[0])], b[1+int(b[0]):], true
}

// readableBytes is a name as Exchange shows it: as text, or its bytes in hex when it is none.
func readableBytes(b []byte) string {
	for _, c := range b {
		if c < ' ' || c > '~' {
			return strings.ToUpper(hex.EncodeToString(b))
		}
	}
	return string(b)
}
