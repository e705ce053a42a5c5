"""Documents of different style that the tests ask."""

PETS = """\
openapi: 3.0.3
info: {title: Pets, version: "1"}
paths:
  /pets:
    get:
      parameters:
        - {name: limit, in: query, schema: {type: integer, maximum: 100}}
        - {name: offset, in: query, schema: {type: integer}}
        - {name: sort, in: query, schema: {type: string}}
        - {name: kind, in: query, schema: {type: string}}
        - {name: tags, in: query, explode: false, schema: {type: array, items: {type: string}}}
        - {name: q, in: query, schema: {type: string}}
        - {name: unheard, in: query, schema: {type: string}}
      responses:
        "200":
          description: all
          headers:
            X-Total-Count: {schema: {type: integer}}
            X-Next: {schema: {type: string}}
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Pet"}}}}
    post:
      requestBody:
        content: {application/json: {schema: {$ref: "#/components/schemas/NewPet"}}}
      responses:
        "201":
          description: made
          content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}
        "422":
          description: wrong
          content: {application/json: {schema: {$ref: "#/components/schemas/Error"}}}
    delete: {responses: {"204": {description: all gone}}}
  /pets/{petId}:
    parameters: [{name: petId, in: path, required: true, schema: {type: integer}}]
    get:
      responses:
        "200":
          description: one
          content:
            application/json: {schema: {$ref: "#/components/schemas/Pet"}}
            application/xml: {schema: {$ref: "#/components/schemas/Pet"}}
        "404":
          description: none
          content: {application/json: {schema: {$ref: "#/components/schemas/Error"}}}
    put:
      requestBody:
        content: {application/json: {schema: {$ref: "#/components/schemas/NewPet"}}}
      responses:
        "200":
          description: replaced
          content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}
        default:
          description: wrong
          content: {application/json: {schema: {$ref: "#/components/schemas/Error"}}}
    patch:
      requestBody:
        content:
          application/json: {schema: {$ref: "#/components/schemas/PetChange"}}
          application/merge-patch+json: {schema: {$ref: "#/components/schemas/PetChange"}}
          application/json-patch+json: {schema: {type: array, items: {type: object}}}
      responses:
        "200":
          description: changed
          content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}
    delete:
      responses:
        "204": {description: gone}
        "404": {description: none}
  /pets/{petId}/feed:
    post: {responses: {"202": {description: fed}}}
  /status:
    get: {responses: {"200": {description: up}}}
components:
  schemas:
    NewPet:
      type: object
      required: [name]
      properties:
        name: {type: string, minLength: 1}
        kind: {type: string, enum: [cat, dog]}
        tags: {type: array, items: {type: string}}
        secret: {type: string, writeOnly: true}
        home:
          type: object
          required: [street, checked]
          properties:
            street: {type: string}
            checked: {type: boolean, readOnly: true}
    PetChange:
      type: object
      properties: {name: {type: string}, kind: {type: string, nullable: true}}
    Pet:
      allOf:
        - $ref: "#/components/schemas/NewPet"
        - type: object
          required: [id, createdAt, mood]
          properties:
            id: {type: integer, format: int64, readOnly: true}
            createdAt: {type: string, format: date-time}
            updatedAt: {type: string, format: date-time, readOnly: true}
            mood: {type: string, enum: [fine, sad]}
    Error:
      type: object
      required: [code, message]
      properties: {code: {type: integer}, message: {type: string}}
"""

WRAPPED = """\
openapi: 3.1.0
info: {title: Shop, version: "1"}
servers: [{url: /v1}]
paths:
  /products:
    get:
      parameters:
        - {name: page, in: query, schema: {type: integer, default: 1}}
        - {name: per_page, in: query, schema: {type: integer, default: 2}}
        - {name: sort_by, in: query, schema: {type: string}}
        - {name: order, in: query, schema: {type: string, enum: [asc, desc]}}
      responses:
        "200":
          description: a page
          content:
            application/json:
              schema:
                type: object
                required: [data, meta, links]
                properties:
                  data: {type: array, items: {$ref: "#/components/schemas/Summary"}}
                  meta:
                    type: object
                    required: [total, page, per_page, total_pages, has_more]
                    properties:
                      total: {type: integer}
                      page: {type: integer}
                      per_page: {type: integer}
                      total_pages: {type: integer}
                      has_more: {type: boolean}
                  links:
                    type: object
                    properties:
                      next: {type: [string, "null"]}
                      prev: {type: string}
              example:
                data:
                  - {id: "5d0a0a3c-3f3a-4b4e-8a51-0d5f4ac1c001", title: Lamp, price: 12.5}
                  - {id: "5d0a0a3c-3f3a-4b4e-8a51-0d5f4ac1c002", title: Table, price: 80}
                  - {id: "5d0a0a3c-3f3a-4b4e-8a51-0d5f4ac1c003", title: Chair, price: 40}
                meta: {total: 99, page: 7, per_page: 3, total_pages: 33, has_more: true}
                links: {next: "https://example.com/next"}
    post:
      requestBody:
        content:
          application/json:
            schema:
              type: object
              required: [product]
              properties: {product: {$ref: "#/components/schemas/Product"}}
      responses:
        "200":
          description: made
          content: {application/json: {schema: {$ref: "#/components/schemas/Made"}}}
  /products/{product_id}:
    parameters: [{name: product_id, in: path, required: true, schema: {type: string, format: uuid}}]
    get:
      responses:
        "200":
          description: one
          content:
            application/json:
              schema:
                type: object
                required: [product, took_ms]
                properties: {product: {$ref: "#/components/schemas/Product"}, took_ms: {type: integer}}
        4XX:
          description: none
          content:
            application/problem+json:
              schema:
                type: object
                properties: {title: {type: string}, detail: {type: string}, status: {type: integer}}
    put:
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties: {product: {$ref: "#/components/schemas/Product"}}
      responses:
        "200": {description: replaced}
        "201": {description: made}
    delete:
      responses:
        "200":
          description: gone
          content:
            application/json:
              schema:
                type: object
                required: [deleted, id]
                properties: {deleted: {const: true}, id: {type: string}}
components:
  schemas:
    Summary:
      type: object
      required: [id, title]
      additionalProperties: false
      properties:
        id: {type: string, format: uuid}
        title: {type: string}
        price: {type: number}
    Product:
      type: object
      required: [id, title, price, stock]
      properties:
        id: {type: string, format: uuid, readOnly: true}
        title: {type: string}
        price: {type: number, minimum: 0}
        stock: {type: integer, minimum: 0, maximum: 9}
        created: {type: integer, readOnly: true}
    Made:
      type: object
      required: [id, message]
      properties: {id: {type: string, format: uuid}, message: {type: string}}
"""

NESTED = """\
openapi: 3.0.0
info: {title: Blog, version: "1"}
paths:
  /users:
    get: {responses: {"200": {$ref: "#/components/responses/Users"}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/User"}}}}
      responses: {"201": {$ref: "#/components/responses/User"}}
  /users/{userId}:
    get: {responses: {"200": {$ref: "#/components/responses/User"}, "404": {description: none}}}
    delete: {responses: {"204": {description: gone}}}
  /users/{userId}/posts:
    get:
      responses:
        "200":
          description: theirs
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Post"}}}}
        "404": {description: none}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Post"}}}}
      responses:
        "201":
          description: made
          content: {application/json: {schema: {$ref: "#/components/schemas/Post"}}}
  /users/{userId}/posts/{slug}:
    get:
      responses:
        "200":
          description: one
          content: {application/json: {schema: {$ref: "#/components/schemas/Post"}}}
    delete: {responses: {"204": {description: gone}}}
  /users/{userId}/posts/{slug}/comments:
    get:
      responses:
        "200":
          description: all
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Comment"}}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Comment"}}}}
      responses: {"201": {description: made}}
  /comments:
    get:
      parameters: [{name: userId, in: query, schema: {type: integer}}]
      responses:
        "200":
          description: all
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Note"}}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}
      responses: {"201": {description: made}}
  /users/{userId}/comments:
    get:
      responses:
        "200":
          description: theirs
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Note"}}}}
  /teams/{team}/members:
    get:
      responses:
        "200":
          description: all
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/User"}}}}
  /profile:
    get: {responses: {"200": {$ref: "#/components/responses/User"}}}
    patch:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/User"}}}}
      responses: {"200": {$ref: "#/components/responses/User"}}
components:
  responses:
    User:
      description: one
      content: {application/json: {schema: {$ref: "#/components/schemas/User"}}}
    Users:
      description: all
      content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/User"}}}}
  schemas:
    User:
      type: object
      required: [id, name]
      properties: {id: {type: integer}, name: {type: string}, email: {type: string, format: email}}
    Post:
      type: object
      required: [slug, title]
      properties: {slug: {type: string}, title: {type: string}}
      additionalProperties: false
    Comment:
      type: object
      required: [id, text]
      properties: {id: {type: string, pattern: "^c_[a-z0-9]{8}$"}, text: {type: string}}
    Note:
      type: object
      required: [id, userId]
      properties: {id: {type: integer}, userId: {type: integer}, text: {type: string}}
"""

ORDERS = """\
openapi: 3.0.3
info: {title: Orders that are written in XML, version: "1"}
paths:
  /orders:
    get:
      responses:
        "200":
          description: all
          content: {application/xml: {schema: {type: array, items: {$ref: "#/components/schemas/Order"}}}}
    post:
      requestBody:
        required: true
        content: {application/xml: {schema: {$ref: "#/components/schemas/Order"}}}
      responses:
        "201":
          description: made
          content: {application/xml: {schema: {$ref: "#/components/schemas/Order"}}}
  /orders/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      responses:
        "200":
          description: one
          content: {application/xml: {schema: {$ref: "#/components/schemas/Order"}}}
    put:
      requestBody:
        content:
          application/json: {schema: {$ref: "#/components/schemas/Order"}}
          text/xml: {schema: {$ref: "#/components/schemas/Order"}}
          application/yaml: {schema: {$ref: "#/components/schemas/Order"}}
      responses: {"405": {description: wrong}}
components:
  schemas:
    Order:
      type: object
      required: [id, lines, note]
      xml: {name: order}
      properties:
        id: {type: integer, xml: {attribute: true}}
        paid: {type: boolean}
        note: {type: string, xml: {name: remark}}
        lines:
          type: array
          xml: {wrapped: true}
          items:
            type: object
            xml: {name: line}
            properties: {sku: {type: string}, count: {type: integer}}
"""
