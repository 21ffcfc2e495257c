// Package secret makes one-time tokens, of which only the hash is kept, and
// encrypts what must wait in the database.
package secret

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
)

// tokenEncoding is what a link can carry without escaping.
var tokenEncoding = base64.RawURLEncoding.Strict()

const tokenBytes = 32

// NewToken returns a one-time secret for a link, and its hash, the only part
// that is ever stored.
func NewToken() (plain string, hash []byte) {
	plain = tokenEncoding.EncodeToString(random(tokenBytes))
	return plain, HashToken(plain)
}

// HashToken returns what to look for in the database. Whatever cannot be a token
// has the hash nil, which is null there and equals nothing: it is simply not found.
func HashToken(plain string) []byte {
	if len(plain) != tokenEncoding.EncodedLen(tokenBytes) {
		return nil
	}
	secret, err := tokenEncoding.DecodeString(plain)
	if err != nil || len(secret) != tokenBytes { // the decoder skips line breaks
		return nil
	}
	hash := sha256.Sum256(secret)
	return hash[:]
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: it ends the program instead
	return b
}
