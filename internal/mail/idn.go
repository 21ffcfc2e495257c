package mail

import (
	"errors"
	"strings"

	"golang.org/x/net/idna"
)

// errLetters is a mailbox that no server without SMTPUTF8 can be asked for.
var errLetters = errors.New("the mail server takes no letters beyond a–z before the @ of an address (SMTPUTF8)")

// wire is the address as it goes over the wire: to a server that takes SMTPUTF8
// as it is, and else with the domain as the name system spells it (xn--…).
func wire(address string, utf8 bool) (string, error) {
	if utf8 || ascii(address) {
		return address, nil
	}
	local, _, _ := strings.Cut(address, "@")
	if !ascii(local) {
		return "", errLetters
	}
	return local + "@" + asciiDomain(address), nil
}

// asciiDomain is the domain of an address as the name system spells it; what is
// no domain stays as it is, and is refused by who looks it up.
func asciiDomain(address string) string {
	_, domain, _ := strings.Cut(address, "@")
	if ascii(domain) {
		return domain
	}
	spelt, err := idna.Lookup.ToASCII(domain)
	if err != nil {
		return domain
	}
	return spelt
}

// wired is the message with its addresses as they go over the wire.
func (m Message) wired(utf8 bool) (Message, error) {
	var err error
	if m.To.Address, err = wire(m.To.Address, utf8); err != nil {
		return m, err
	}
	// Nobody is written to at the address for replies now: without a server's
	// help it is better left out than the mail lost.
	if m.ReplyTo.Address, err = wire(m.ReplyTo.Address, utf8); err != nil {
		m.ReplyTo = Address{}
	}
	return m, nil
}
