"""Webhooks: a provider may say that a job has ended, and the next look at it comes at once instead of with the poll.

No provider signs its webhooks, so nothing that they say is believed or even read: a request to the secret address of an
order ends the wait before the next authenticated GET, and that is all. Without them, everything works by polling.

```
address    where the outside reaches the receiver, and the secret address of an order
hints      which order a secret belongs to; ends its wait
app        the one address: POST …/SECRET (ASGI)
receiver   serves the app on its own port while paid jobs wait
trial      asks the public address, as a provider would (`assetbridge jobs webhook --test`)
```
"""
