package mail

import (
	"encoding/base32"
	"encoding/binary"
	"errors"
	"strings"

	"golang.org/x/net/idna"

	"fieldgate/internal/secret"
)

// Record is a job or a quote, by its id in the database; one of the two is set.
type Record struct{ Job, Quote int64 }

// ReplyAddress makes the addresses that answers to emails go to. Each names a
// contact and a record, and cannot be made by anybody else. The zero value makes none.
type ReplyAddress struct {
	before string // what stands before the token, with its plus
	domain string
	box    *secret.Box
}

// A local part has 64 octets at most (RFC 5321 section 4.5.3.1.1). Servers may
// change its case: the token is of small letters and digits.
const maxLocal = 64

var tokenLetters = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// longestToken is that of ids of 42 bits.
const longestToken = 40

// ParseReplyAddress reads FIELDGATE_REPLY_ADDRESS: replies@example.com, whose mail
// server takes replies+anything@example.com for it, or @reply.example.com, a domain
// whose whole mail comes to one mailbox.
func ParseReplyAddress(text string, box *secret.Box) (ReplyAddress, error) {
	local, domain, ok := strings.Cut(strings.ToLower(strings.TrimSpace(text)), "@")
	if !ok || strings.ContainsAny(local, "+ \t\"") || (!sendable(local+"@"+domain) && !sendable("x"+local+"@"+domain)) {
		return ReplyAddress{}, errors.New("write an address such as replies@example.com, or a domain of its own such as @reply.example.com")
	}
	if local != "" {
		local += "+"
	}
	if len(local)+longestToken > maxLocal {
		return ReplyAddress{}, errors.New("the part before the @ is too long: 23 characters at most")
	}
	return ReplyAddress{before: local, domain: asciiDomain("@" + domain), box: box}, nil
}

// Set reports whether there is an address for answers.
func (a ReplyAddress) Set() bool { return a.box != nil }

// For is the address for the answers of a contact about a record, or "".
func (a ReplyAddress) For(contact int64, r Record) string {
	if !a.Set() || contact <= 0 || (r.Job > 0) == (r.Quote > 0) {
		return ""
	}
	named := named(contact, r)
	token := tokenLetters.EncodeToString(append(named, a.box.Mark(replying, named)...))
	if len(a.before)+len(token) > maxLocal {
		return ""
	}
	return a.before + token + "@" + a.domain
}

const replying = "reply address"

func named(contact int64, r Record) []byte {
	kind, id := byte(1), r.Job
	if r.Quote > 0 {
		kind, id = 2, r.Quote
	}
	return binary.AppendUvarint(binary.AppendUvarint([]byte{kind}, uint64(contact)), uint64(id))
}

// Open reports whom and what one of our addresses names. Ours says that it is an
// address for answers at all, whether or not its token is good.
func (a ReplyAddress) Open(address string) (contact int64, r Record, ours, good bool) {
	if !a.Set() {
		return 0, r, false, false
	}
	local, domain, _ := strings.Cut(strings.ToLower(strings.TrimSpace(address)), "@")
	token, ours := strings.CutPrefix(local, a.before)
	if !ours || asciiDomain("@"+domain) != a.domain {
		return 0, r, local+"+" == a.before && domain == a.domain, false
	}
	const mark = 12
	sealed, err := tokenLetters.DecodeString(token)
	if err != nil || len(sealed) < mark+3 || tokenLetters.EncodeToString(sealed) != token {
		return 0, r, true, false
	}
	named, seal := sealed[:len(sealed)-mark], sealed[len(sealed)-mark:]
	if !a.box.Marked(replying, named, seal) {
		return 0, r, true, false
	}
	who, n := binary.Uvarint(named[1:])
	what, m := binary.Uvarint(named[1+max(n, 0):])
	if n <= 0 || m <= 0 || 1+n+m != len(named) {
		return 0, r, true, false
	}
	switch named[0] {
	case 1:
		r.Job = int64(what)
	case 2:
		r.Quote = int64(what)
	default:
		return 0, r, true, false
	}
	return int64(who), r, true, true
}

// Same reports whether two addresses are one mailbox, as emails to them are: small
// and capital letters are alike, and a domain may be written in its own script.
func Same(one, other string) bool { return folded(one) == folded(other) && folded(one) != "" }

func folded(address string) string {
	address = strings.ToLower(strings.TrimSpace(address))
	at := strings.LastIndexByte(address, '@')
	if at <= 0 || at == len(address)-1 {
		return ""
	}
	domain, err := idna.Lookup.ToASCII(address[at+1:])
	if err != nil {
		domain = address[at+1:]
	}
	return address[:at+1] + domain
}
