package catcher

import "strings"

// XOAUTH2 is how Microsoft and Google are given tokens. go-sasl knows its
// successor alone, which Microsoft does not take.
// See https://developers.google.com/workspace/gmail/imap/xoauth2-protocol
const XOAUTH2 = "XOAUTH2"

// TokenServer is the server's side of XOAUTH2 for one user. It refuses as they
// do: it says why, waits for an empty answer, and only then ends with Refusal.
type TokenServer struct {
	User    string
	Good    func(token string) bool
	In      func() error // lets the user in
	Refusal error
	refused bool
}

// Next is the server's side of the conversation.
func (s *TokenServer) Next(response []byte) (challenge []byte, done bool, err error) {
	if s.refused {
		return nil, true, s.Refusal
	}
	if response == nil {
		return []byte{}, false, nil
	}
	user, token, ok := strings.Cut(strings.TrimPrefix(string(response), "user="), "\x01auth=Bearer ")
	token, end := strings.CutSuffix(token, "\x01\x01")
	if !ok || !end || user != s.User || !s.Good(token) {
		s.refused = true
		return []byte(`{"status":"400","schemes":"Bearer"}`), false, nil
	}
	return nil, true, s.In()
}
