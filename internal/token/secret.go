// Package token holds the tokens by which systems use the API, each with what it
// may do, whom it may reach and until when, and the keys by which contacts read
// what they see themselves.
//
// A token is the business's, not that of whoever made it: it lives on when they
// leave, and Administration shows who that was.
package token

import (
	"crypto/rand"
	"crypto/sha256"
	"hash/crc32"
	"strings"
)

// Kind tells a token of the office from a contact's key, by how it begins. Those
// who look for secrets in code know them by that.
type Kind string

// The kinds.
const (
	Office  Kind = "fg_"
	Contact Kind = "fgk_"
)

// A secret is its kind, 30 characters of chance (178 bits) and 6 of a checksum.
const (
	alphabet     = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	chance       = 30
	checksumSize = 6
	hintSize     = 4
)

// newSecret is a new token or key: what its owner is given, once.
func newSecret(kind Kind) string {
	b := make([]byte, 0, chance)
	for buf := make([]byte, 2*chance); len(b) < chance; {
		_, _ = rand.Read(buf) // never fails
		for _, r := range buf {
			// Of 256 values the last eight would make some letters likelier.
			if int(r) < len(alphabet)*4 && len(b) < chance {
				b = append(b, alphabet[int(r)%len(alphabet)])
			}
		}
	}
	text := string(kind) + string(b)
	return text + checksum(text)
}

// checksum is the CRC-32 of what stands before it, in base 62: it keeps nobody
// out, but what was cut off or mistyped costs no query.
func checksum(text string) string {
	sum, out := crc32.ChecksumIEEE([]byte(text)), [checksumSize]byte{}
	for i := checksumSize - 1; i >= 0; i-- {
		out[i] = alphabet[sum%uint32(len(alphabet))]
		sum /= uint32(len(alphabet))
	}
	return string(out[:])
}

// KindOf is what sort of secret a text is; ok is false when it is none: it was
// never given out.
func KindOf(text string) (kind Kind, ok bool) {
	for _, kind := range []Kind{Office, Contact} {
		rest, begins := strings.CutPrefix(text, string(kind))
		if !begins || len(rest) != chance+checksumSize || strings.Trim(rest, alphabet) != "" {
			continue
		}
		body := len(text) - checksumSize
		return kind, checksum(text[:body]) == text[body:]
	}
	return "", false
}

// Hash is what is kept of a secret. It is random: guessing is no faster for the
// hash being fast.
func Hash(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}

// hint is what people tell one from another by: its last characters.
func hint(text string) string { return text[len(text)-hintSize:] }
