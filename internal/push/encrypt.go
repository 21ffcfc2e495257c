package push

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
)

// recordSize is that of RFC 8291, section 4: services take 4,096 bytes.
const recordSize = 4096

// padded is what every message is made long, in steps, so that its length says
// little about what is in it.
const padded = 512

// MaxMessage is how long a message may be.
const MaxMessage = 3072

// encrypt is the message for one browser, which alone can read it (RFC 8291):
// one record of aes128gcm (RFC 8188), under a key that is made for it and
// forgotten.
func encrypt(message, browserKey, authSecret []byte) ([]byte, error) {
	if len(message) > MaxMessage {
		return nil, fmt.Errorf("a message of %d bytes is too long", len(message))
	}
	browser, err := ecdh.P256().NewPublicKey(browserKey)
	if err != nil {
		return nil, fmt.Errorf("the browser's key: %w", err)
	}
	own, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	shared, err := own.ECDH(browser)
	if err != nil {
		return nil, fmt.Errorf("agree on a key: %w", err)
	}
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // it never fails
	public := own.PublicKey().Bytes()
	seal, nonce, err := contentKey(shared, authSecret, salt, browserKey, public)
	if err != nil {
		return nil, err
	}
	plain := make([]byte, (len(message)/padded+1)*padded)
	copy(plain, message)
	plain[len(message)] = 2 // the last record; zeros follow
	head := append([]byte{}, salt...)
	head = binary.BigEndian.AppendUint32(head, recordSize)
	head = append(append(head, byte(len(public))), public...)
	return seal.Seal(head, nonce, plain, nil), nil
}

// contentKey derives key and nonce of the record (RFC 8291, section 3.4).
func contentKey(shared, authSecret, salt, browserKey, ownKey []byte) (cipher.AEAD, []byte, error) {
	derive := func(secret, salt []byte, info string, length int) ([]byte, error) {
		key, err := hkdf.Key(sha256.New, secret, salt, info, length)
		if err != nil {
			return nil, fmt.Errorf("derive a key: %w", err)
		}
		return key, nil
	}
	material, err := derive(shared, authSecret, "WebPush: info\x00"+string(browserKey)+string(ownKey), 32)
	if err != nil {
		return nil, nil, err
	}
	key, err := derive(material, salt, "Content-Encoding: aes128gcm\x00", 16)
	if err != nil {
		return nil, nil, err
	}
	nonce, err := derive(material, salt, "Content-Encoding: nonce\x00", 12)
	if err != nil {
		return nil, nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, nil, fmt.Errorf("prepare the cipher: %w", err)
	}
	seal, err := cipher.NewGCM(block)
	if err != nil {
		return nil, nil, fmt.Errorf("prepare the cipher: %w", err)
	}
	return seal, nonce, nil
}

// checkKeys reports whether what a browser has sent can be its keys.
func checkKeys(browserKey, authSecret []byte) error {
	if len(authSecret) != 16 {
		return errors.New("the secret of a subscription has 16 bytes")
	}
	if _, err := ecdh.P256().NewPublicKey(browserKey); err != nil {
		return fmt.Errorf("the browser's key: %w", err)
	}
	return nil
}
