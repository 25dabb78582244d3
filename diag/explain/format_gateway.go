package explain

import "strings"

// ISA Server and Forefront TMG write the W3C form, too. Where they did not pass a request on, the status is a number of
// Windows instead of one of HTTP.

// readGatewayStatus reads such a number.
func (r *logRequest) readGatewayStatus(status string) {
	if isNumber(status) && status != "0" && len(status) != 3 {
		r.marks = append(r.marks, "gateway:"+status)
	} else if strings.HasPrefix(status, "0x") {
		r.marks = append(r.marks, "gateway:"+strings.ToLower(status))
	}
}
