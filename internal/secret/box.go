package secret

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"
)

// ErrSealed says that a sealed secret cannot be opened: it was sealed with a key
// that is gone, for another purpose, or it was changed.
var ErrSealed = errors.New("the secret cannot be opened with this key")

// Box encrypts what must wait in the database, such as a second factor.
type Box struct {
	keys []boxKey // the first seals, all open
}

type boxKey struct {
	id   byte
	aead cipher.AEAD
	root []byte // of what is derived
}

// NewBox takes FIELDGATE_SECRET_KEY: 32 bytes as hex or base64, or any text
// of at least 32 characters. Earlier keys, if any, still open what they sealed.
func NewBox(key string, earlier ...string) (*Box, error) {
	box := &Box{}
	for _, k := range append([]string{key}, earlier...) {
		material, err := keyMaterial(k)
		if err != nil {
			return nil, err
		}
		// The identity comes from the key itself, so that the order in which keys
		// are listed may change.
		derived, err := hkdf.Key(sha256.New, material, nil, "fieldgate secret box 1", chacha20poly1305.KeySize+1)
		if err != nil {
			return nil, fmt.Errorf("deriving the key: %w", err)
		}
		aead, err := chacha20poly1305.NewX(derived[:chacha20poly1305.KeySize])
		if err != nil {
			return nil, fmt.Errorf("preparing the cipher: %w", err)
		}
		root, err := hkdf.Key(sha256.New, material, nil, "fieldgate derived secrets 1", sha256.Size)
		if err != nil {
			return nil, fmt.Errorf("deriving the key: %w", err)
		}
		box.keys = append(box.keys, boxKey{id: derived[chacha20poly1305.KeySize], aead: aead, root: root})
	}
	return box, nil
}

func keyMaterial(key string) ([]byte, error) {
	key = strings.TrimSpace(key)
	if b, err := hex.DecodeString(key); err == nil && len(b) == 32 {
		return b, nil
	}
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		if b, err := encoding.DecodeString(key); err == nil && len(b) == 32 {
			return b, nil
		}
	}
	if len([]rune(key)) < 32 {
		return nil, errors.New("the secret key must be 32 bytes as hex or base64, or at least 32 characters (try: openssl rand -base64 32)")
	}
	return []byte(key), nil
}

// version is the first byte of everything sealed; the key's identity is the second.
const version = 1

// Seal encrypts. The context says what the secret is and whose ("email 42"): a
// sealed value copied to another row does not open there.
func (b *Box) Seal(plain []byte, context string) []byte {
	key := b.keys[0]
	head := append([]byte{version, key.id}, random(key.aead.NonceSize())...)
	return key.aead.Seal(head, head[2:], plain, additional(head, context))
}

// Open decrypts what Seal returned for the same context, else ErrSealed.
func (b *Box) Open(sealed []byte, context string) ([]byte, error) {
	const headLength = 2 + chacha20poly1305.NonceSizeX
	if len(sealed) < headLength+chacha20poly1305.Overhead || sealed[0] != version {
		return nil, ErrSealed
	}
	head, body := sealed[:headLength], sealed[headLength:]
	for _, key := range b.keys {
		if key.id != head[1] {
			continue
		}
		if plain, err := key.aead.Open(nil, head[2:], body, additional(head, context)); err == nil {
			return plain, nil
		}
	}
	return nil, ErrSealed
}

// Reseal returns what was sealed with an earlier key, sealed with the present
// one; changed is false when it is so already. ErrSealed as in Open.
func (b *Box) Reseal(sealed []byte, context string) (fresh []byte, changed bool, err error) {
	if _, err := (&Box{keys: b.keys[:1]}).Open(sealed, context); err == nil {
		return sealed, false, nil
	}
	plain, err := b.Open(sealed, context)
	if err != nil {
		return nil, false, err
	}
	return b.Seal(plain, context), true, nil
}

func additional(head []byte, context string) []byte {
	return append([]byte{head[0], head[1]}, context...)
}

// Derive is a secret of 32 bytes for a purpose, the same each time until the
// present key is replaced. Who has it learns nothing of any other.
func (b *Box) Derive(purpose string) []byte {
	mac := hmac.New(sha256.New, b.keys[0].root)
	mac.Write([]byte(purpose))
	return mac.Sum(nil)
}

// markBytes is how much of a mark is kept: nobody finds 96 bits by trying.
const markBytes = 12

// Mark is what shows that data comes from this program, for a purpose: short, so
// that an address can carry it.
func (b *Box) Mark(purpose string, data []byte) []byte { return b.keys[0].mark(purpose, data) }

// Marked reports whether the mark is that of the data, made with this key or an
// earlier one.
func (b *Box) Marked(purpose string, data, mark []byte) bool {
	found := false
	for _, key := range b.keys { // all of them, however early one fits
		found = hmac.Equal(key.mark(purpose, data), mark) || found
	}
	return found
}

func (k boxKey) mark(purpose string, data []byte) []byte {
	mac := hmac.New(sha256.New, k.root)
	mac.Write([]byte("mark " + purpose + "\x00"))
	mac.Write(data)
	return mac.Sum(nil)[:markBytes]
}
