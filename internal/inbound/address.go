package inbound

import (
	"mime"
	netmail "net/mail"
	"strings"

	"github.com/emersion/go-message"
)

var (
	messageID   = expression(`<\s*([^<>\s]{1,400})\s*>`)
	bareAddress = expression(`[^\s<>,;:"()\[\]]+@[^\s<>,;:"()\[\]@]+`)
)

// addresses are those of a header field, also of one that is not written as it
// should be.
func addresses(field string) (all []Address) {
	parser := netmail.AddressParser{WordDecoder: &mime.WordDecoder{CharsetReader: message.CharsetReader}}
	field = readable(strings.NewReplacer("\r", "", "\n", " ").Replace(field))
	if list, err := parser.ParseList(field); err == nil {
		for _, a := range list {
			all = append(all, Address{cut(oneLine(a.Name), 200), cut(oneLine(a.Address), maxAddress)})
		}
		return all
	}
	for i, a := range bareAddress().FindAllString(field, 20) {
		found := Address{Address: cut(a, maxAddress)}
		if before, _, ok := strings.Cut(field, "<"); ok && i == 0 {
			found.Name = cut(strings.Trim(word(before), `" '`), 200)
		}
		all = append(all, found)
	}
	return all
}
