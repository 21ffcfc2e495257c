package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// state is how far this has come. Without it everything is looked at again, which
// changes nothing that is right already; but events count from the first that the
// portal still has.
type state struct {
	// Since is the last edit_date that was dealt with, by kind of record.
	Since map[string]string `json:"since"`
	// Seen are marks of what was brought in of the last seconds before Since, which
	// are looked at again: what is the same is left alone.
	Seen map[string]string `json:"seen,omitempty"`
	// Event is the last event of the portal that was dealt with.
	Event int64 `json:"event"`
	// Sent is when ServiceM8 last sent a quote, of those that were brought in as sent.
	Sent map[string]string `json:"sent"`
	// Asked are the requests of contacts that ServiceM8 was told of, of those that wait.
	Asked map[string]bool `json:"asked,omitempty"`
	// Refused is what one side did not take, and why. What did not come in is tried again.
	Refused map[string]string `json:"refused,omitempty"`
}

func load(path string) (s state, err error) {
	s = state{Since: map[string]string{}, Seen: map[string]string{}, Sent: map[string]string{}, Asked: map[string]bool{}, Refused: map[string]string{}}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, err //nolint:wrapcheck // names the file
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return s, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// save replaces the file in one step, so that there is always a whole one.
func (s state) save(path string) error {
	text, err := json.MarshalIndent(s, "", "\t")
	if err != nil {
		return err //nolint:wrapcheck // maps of strings are always written
	}
	file, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) // always the same: of one that was killed nothing stays
	if err != nil {
		return err //nolint:wrapcheck // names the file
	}
	_, err = file.Write(text)
	err = errors.Join(err, file.Sync(), file.Close())
	if err != nil {
		return err
	}
	return os.Rename(file.Name(), path) //nolint:wrapcheck // names both
}
