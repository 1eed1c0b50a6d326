document-is-written-bytes-sha-256 = Đã ghi { $out } ({ $pdf } byte, SHA-256 { $sha256 }).
