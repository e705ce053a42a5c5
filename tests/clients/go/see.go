// What Go's net/http makes of a reply: see METHOD URL BODY WANTED TIMES
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"strings"
	"time"
)

func see(client *http.Client, method, address, body, wanted string) string {
	request, err := http.NewRequest(method, address, strings.NewReader(body))
	if body == "" {
		request, err = http.NewRequest(method, address, nil)
	}
	if err != nil {
		return err.Error()
	}
	reply, err := client.Do(request)
	if err != nil {
		return told("", err)
	}
	defer reply.Body.Close()
	text, err := io.ReadAll(reply.Body)
	status := fmt.Sprint(reply.StatusCode)
	if err != nil {
		return told(status+", then ", err)
	}
	if !json.Valid([]byte(wanted)) {
		return status + compared(string(text) == wanted)
	}
	var found, expected any
	if err := json.NewDecoder(bytes.NewReader(text)).Decode(&found); err != nil {
		return told(status+", then ", err)
	}
	json.Unmarshal([]byte(wanted), &expected)
	return status + compared(reflect.DeepEqual(found, expected))
}

func compared(same bool) string {
	if same {
		return " and the right body"
	}
	return " and another body"
}

func told(before string, err error) string {
	var outer *url.Error
	if errors.As(err, &outer) {
		err = outer.Err
	}
	return fmt.Sprintf("%s%T: %v", before, err, err)
}

func main() {
	client := &http.Client{Timeout: 2 * time.Second}
	arguments := os.Args[1:]
	for number := 0; number < len(arguments[4]); number++ {
		if number > 0 {
			time.Sleep(300 * time.Millisecond)
		}
		fmt.Println(strings.ReplaceAll(see(client, arguments[0], arguments[1], arguments[2], arguments[3]), "\n", " "))
	}
}
