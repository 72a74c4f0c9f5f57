(SELECT {every a.last_connected_at IS NULL
               OR {contact_end a}
                  >= {either extract(epoch FROM CAST($4 AS timestamptz)) | unixepoch($4)}}
 {agents {}})
